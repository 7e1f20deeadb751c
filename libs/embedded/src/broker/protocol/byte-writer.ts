/** Writes the primitive types of the Kafka protocol; record bytes are taken over as they are, not copied. */
export class ByteWriter {
  #done: Buffer[] = [];
  #doneBytes = 0;
  #bytes: Buffer;
  #start = 0;
  #end = 0;

  constructor(initialBytes = 256) {
    this.#bytes = Buffer.allocUnsafe(initialBytes);
  }

  get byteLength(): number {
    return this.#doneBytes + this.#end - this.#start;
  }

  /** Everything written, in order; the writer must not be used afterwards. */
  finish(): Buffer[] {
    this.#seal();
    return this.#done;
  }

  #seal(): void {
    if (this.#end === this.#start) return;
    this.#done.push(this.#bytes.subarray(this.#start, this.#end));
    this.#doneBytes += this.#end - this.#start;
    this.#start = this.#end;
  }

  #room(count: number): number {
    const start = this.#end;
    if (start + count > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(2 * (start - this.#start), 256) + count);
      this.#bytes.copy(grown, 0, this.#start, start);
      this.#bytes = grown;
      this.#end = start - this.#start;
      this.#start = 0;
    }
    const position = this.#end;
    this.#end = position + count;
    return position;
  }

  int8(value: number): void {
    const position = this.#room(1);
    this.#bytes[position] = value & 0xff;
  }

  int16(value: number): void {
    const position = this.#room(2);
    this.#bytes.writeInt16BE(value, position);
  }

  int32(value: number): void {
    const position = this.#room(4);
    this.#bytes.writeInt32BE(value, position);
  }

  int64(value: number): void {
    const position = this.#room(8);
    this.#bytes.writeInt32BE(Math.floor(value / 2 ** 32), position);
    this.#bytes.writeUInt32BE(value - Math.floor(value / 2 ** 32) * 2 ** 32, position + 4);
  }

  uuid(value: string): void {
    const position = this.#room(16);
    this.#bytes.write(value, position, 16, 'hex');
  }

  unsignedVarint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.int8((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.int8(rest);
  }

  /** The length in front of strings, bytes and lists; −1 means null. */
  length(value: number, flexible: boolean, width: 2 | 4): void {
    if (flexible) this.unsignedVarint(value + 1);
    else if (width === 2) this.int16(value);
    else this.int32(value);
  }

  string(value: string | null, flexible: boolean): void {
    if (value === null) return this.length(-1, flexible, 2);
    const size = Buffer.byteLength(value);
    this.length(size, flexible, 2);
    const position = this.#room(size);
    this.#bytes.write(value, position, size, 'utf8');
  }

  blob(value: Buffer | null, flexible: boolean): void {
    if (value === null) return this.length(-1, flexible, 4);
    this.length(value.length, flexible, 4);
    const position = this.#room(value.length);
    value.copy(this.#bytes, position);
  }

  /** Record bytes, in one or several pieces, which go out as they are. */
  records(value: Buffer | readonly Buffer[] | null, flexible: boolean): void {
    if (value === null) return this.length(-1, flexible, 4);
    const pieces = Array.isArray(value) ? (value as readonly Buffer[]) : [value as Buffer];
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.length(size, flexible, 4);
    if (size === 0) return;
    this.#seal();
    for (const piece of pieces) this.#done.push(piece);
    this.#doneBytes += size;
  }
}
