import { ProtocolError } from '../../errors.ts';

/** A request may hold this many list elements in all: 100 MB of empty structures must not become gigabytes of objects. */
export const MAX_REQUEST_ELEMENTS = 1_000_000;

/** Reads the primitive types of the Kafka protocol from one frame; every length is checked against what is left. */
export class ByteReader {
  readonly bytes: Buffer;
  position = 0;
  #elements = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get left(): number {
    return this.bytes.length - this.position;
  }

  /** Moves on by `count` bytes and returns where they begin. @throws EMBEDDED_PROTOCOL if there are fewer */
  take(count: number): number {
    const start = this.position;
    if (count < 0 || count > this.bytes.length - start) {
      throw new ProtocolError(`a field of ${count} bytes does not fit in the ${this.left} bytes left`);
    }
    this.position = start + count;
    return start;
  }

  int8(): number {
    return this.bytes.readInt8(this.take(1));
  }

  int16(): number {
    return this.bytes.readInt16BE(this.take(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.take(4));
  }

  int64(): number {
    const start = this.take(8);
    return this.bytes.readInt32BE(start) * 2 ** 32 + this.bytes.readUInt32BE(start + 4);
  }

  uuid(): string {
    const start = this.take(16);
    return this.bytes.toString('hex', start, start + 16);
  }

  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.take(1)]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new ProtocolError('a varint is longer than five bytes');
  }

  /** The length in front of strings, bytes and lists; −1 means null. */
  length(flexible: boolean, width: 2 | 4): number {
    if (flexible) return this.unsignedVarint() - 1;
    return width === 2 ? this.int16() : this.int32();
  }

  string(flexible: boolean): string | null {
    const length = this.length(flexible, 2);
    if (length === -1) return null;
    const start = this.take(length);
    return this.bytes.toString('utf8', start, start + length);
  }

  /** A view of the frame, not a copy. */
  slice(flexible: boolean): Buffer | null {
    const length = this.length(flexible, 4);
    if (length === -1) return null;
    const start = this.take(length);
    return this.bytes.subarray(start, start + length);
  }

  listLength(flexible: boolean): number {
    const length = this.length(flexible, 4);
    this.#elements += Math.max(0, length);
    if (length < -1 || length > this.left || this.#elements > MAX_REQUEST_ELEMENTS) {
      throw new ProtocolError(`a list of ${length} elements does not fit in the ${this.left} bytes left`);
    }
    return length;
  }

  skipTags(): void {
    for (let count = this.unsignedVarint(); count > 0; count--) {
      this.unsignedVarint();
      this.take(this.unsignedVarint());
    }
  }
}
