import type { AvroWriter } from './avro-writer.ts';

/** The keys of one view of one task that are remembered, and the room for them: what stays in a processor's caches. */
const mostKeys = 16_384;
const mostBytes = 1024 * 1024;
/** Longer ones are not worth the room. */
const longBytes = 256;
/** Numbers kept for a key: where its part of a record's key starts, where its part of a value does, where that ends. */
const width = 3;

/** Writes what a group key gives: the beginning of a record's key, and that of its value. */
export interface KeyEncoder {
  readonly keyPart: AvroWriter;
  readonly valuePart: AvroWriter;
  encodeKey(key: string): void;
}

/**
 * The bytes that group keys give, remembered by the engine's number of the key: a key comes again with each window. A number
 * may have passed to another key, so that the key itself is compared.
 */
export class EncodedKeys {
  /** The parts of the key that was found last. */
  keyView: DataView;
  keyStart = 0;
  keyEnd = 0;
  valueView: DataView;
  valueStart = 0;
  valueEnd = 0;
  readonly #encoder: KeyEncoder;
  #bytes = Buffer.allocUnsafeSlow(16 * 1024);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  #keys: (string | undefined)[] = [];
  #places = new Int32Array(256 * width);

  constructor(encoder: KeyEncoder) {
    this.#encoder = encoder;
    this.keyView = this.#view;
    this.valueView = this.#view;
  }

  /** Finds a key's parts, or makes them; without a number they are not remembered. */
  find(key: string, number = mostKeys): void {
    if (number >= this.#keys.length || this.#keys[number] !== key) {
      this.#encode(key, number);
      return;
    }
    const places = this.#places;
    const at = number * width;
    this.keyView = this.valueView = this.#view;
    this.keyStart = places[at]!;
    this.keyEnd = this.valueStart = places[at + 1]!;
    this.valueEnd = places[at + 2]!;
  }

  #encode(key: string, number: number): void {
    const encoder = this.#encoder;
    encoder.encodeKey(key);
    const { keyPart, valuePart } = encoder;
    this.keyView = keyPart.view;
    this.valueView = valuePart.view;
    this.keyStart = this.valueStart = 0;
    this.keyEnd = keyPart.at;
    this.valueEnd = valuePart.at;
    if (number < mostKeys && keyPart.at + valuePart.at <= longBytes) this.#remember(key, number);
  }

  #remember(key: string, number: number): void {
    const { keyPart, valuePart } = this.#encoder;
    if (this.#at + longBytes > this.#bytes.length) this.#makeRoom();
    const keys = this.#keys;
    // Filled without gaps, the array keeps its fast representation.
    while (keys.length <= number) keys.push(undefined);
    keys[number] = key;
    if (keys.length * width > this.#places.length) {
      const places = new Int32Array(Math.max(keys.length * width, this.#places.length * 2));
      places.set(this.#places);
      this.#places = places;
    }
    const start = this.#at;
    const middle = start + keyPart.at;
    const end = middle + valuePart.at;
    this.#bytes.set(keyPart.buffer.subarray(0, keyPart.at), start);
    this.#bytes.set(valuePart.buffer.subarray(0, valuePart.at), middle);
    this.#places.set([start, middle, end], number * width);
    this.#at = end;
  }

  /** Grows, or forgets everything once that is not allowed any more. */
  #makeRoom(): void {
    if (this.#bytes.length < mostBytes) {
      const grown = Buffer.allocUnsafeSlow(this.#bytes.length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
      return;
    }
    this.#keys = [];
    this.#at = 0;
  }
}
