import { WindowingError } from '../errors.ts';

/** The reading half of the binary form; every read is checked against the end of the bytes. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  position: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = start;
    this.#end = end;
  }

  get done(): boolean {
    return this.position >= this.#end;
  }

  get remaining(): number {
    return this.#end - this.position;
  }

  byte(): number {
    this.#need(1);
    return this.#bytes[this.position++]!;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      scale *= 128;
    }
    throw damaged('an integer of more than 53 bits', this.position);
  }

  /** A count of things that follow, each at least `leastBytes` long: a damaged count cannot make us reserve memory for it. */
  count(leastBytes = 1): number {
    const count = this.varint();
    if (count * leastBytes > this.remaining) throw damaged(`a count of ${count}`, this.position);
    return count;
  }

  number(): number {
    const raw = this.varint();
    if (raw === 1) return this.float64();
    if (raw % 2 === 1) throw damaged(`a number tag ${raw}`, this.position);
    const folded = raw / 2;
    return folded % 2 === 1 ? -(folded + 1) / 2 : folded / 2;
  }

  float64(): number {
    this.#need(8);
    const value = this.#view.getFloat64(this.position, true);
    this.position += 8;
    return value;
  }

  string(): string {
    const length = this.count();
    const end = this.position + length;
    let text = '';
    while (this.position < end) {
      const lead = this.#bytes[this.position++]!;
      if (lead < 0x80) {
        text += String.fromCharCode(lead);
        continue;
      }
      const more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
      if (lead < 0xc0 || lead > 0xf4 || this.position + more > end) throw damaged('no UTF-8', this.position);
      let point = lead & (0x3f >> more);
      for (let i = 0; i < more; i++) point = (point << 6) | (this.#bytes[this.position++]! & 63);
      if (point > 0x10_ffff) throw damaged('no UTF-8', this.position);
      text += String.fromCodePoint(point);
    }
    return text;
  }

  bytes(): Uint8Array {
    return this.raw(this.count());
  }

  /** A view of the next `length` bytes. */
  raw(length: number): Uint8Array {
    this.#need(length);
    const bytes = this.#bytes.subarray(this.position, this.position + length);
    this.position += length;
    return bytes;
  }

  #need(length: number): void {
    if (this.position + length > this.#end) throw damaged('an early end', this.position);
  }
}

/** The error for bytes that are not in our form. */
export function damaged(what: string, position: number): WindowingError {
  return new WindowingError(
    'WINDOWING_FORMAT_INVALID',
    `The state bytes hold ${what} at byte ${position}; restore from bytes that this library wrote, unchanged.`,
  );
}
