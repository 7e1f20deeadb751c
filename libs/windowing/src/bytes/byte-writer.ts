const TWO_31 = 0x8000_0000;
const COMPACT_LIMIT = 2 ** 51;

/** A growing, reusable buffer: the writing half of the binary form in `docs/binary-form.md`. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  length = 0;

  constructor(initialBytes = 256) {
    this.#bytes = new Uint8Array(initialBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Forgets what was written and keeps the memory. */
  reset(): void {
    this.length = 0;
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.length);
  }

  /** What was written, without a copy: valid until the next write or `reset`. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.length);
  }

  byte(value: number): void {
    if (this.length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.length++] = value;
  }

  /** An unsigned integer below 2^53, seven bits a byte, low bits first. */
  varint(value: number): void {
    if (this.length + 8 > this.#bytes.length) this.#grow(8);
    let rest = value;
    while (rest >= TWO_31) {
      this.#bytes[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest >= 128) {
      this.#bytes[this.length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.length++] = rest;
  }

  /** Any number: integers below 2^51 in as few bytes as they need, everything else in nine. */
  number(value: number): void {
    if (value > -COMPACT_LIMIT && value < COMPACT_LIMIT && Number.isInteger(value) && !Object.is(value, -0)) {
      this.varint(value < 0 ? (-value * 2 - 1) * 2 : value * 4);
      return;
    }
    this.byte(1);
    this.float64(value);
  }

  float64(value: number): void {
    if (this.length + 8 > this.#bytes.length) this.#grow(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** Length in bytes, then UTF-8; lone surrogates are kept (as WTF-8), so every string comes back as it was. */
  string(text: string): void {
    const most = text.length * 3;
    if (this.length + most + 8 > this.#bytes.length) this.#grow(most + 8);
    this.varint(utf8Length(text));
    const bytes = this.#bytes;
    let at = this.length;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x80) {
        bytes[at++] = unit;
        continue;
      }
      const point = text.codePointAt(i)!;
      if (point < 0x800) {
        bytes[at++] = 0xc0 | (point >> 6);
      } else {
        if (point < 0x1_0000) {
          bytes[at++] = 0xe0 | (point >> 12);
        } else {
          bytes[at++] = 0xf0 | (point >> 18);
          bytes[at++] = 0x80 | ((point >> 12) & 63);
          i++;
        }
        bytes[at++] = 0x80 | ((point >> 6) & 63);
      }
      bytes[at++] = 0x80 | (point & 63);
    }
    this.length = at;
  }

  /** Length, then the bytes. */
  bytes(value: Uint8Array): void {
    this.varint(value.length);
    this.raw(value);
  }

  /** The bytes alone. */
  raw(value: Uint8Array): void {
    if (this.length + value.length > this.#bytes.length) this.#grow(value.length);
    this.#bytes.set(value, this.length);
    this.length += value.length;
  }

  #grow(atLeast: number): void {
    const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + atLeast));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) {
      length++;
    } else if (text.codePointAt(i)! > 0xffff) {
      length += 2;
      i++;
    } else {
      length += 2;
    }
  }
  return length;
}
