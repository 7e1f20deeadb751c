import { copySlice } from '@millrace/record-batch';

/** Shorter texts are written character by character, which is faster than a call into native code. */
const loopLength = 64;
const low28 = 2 ** 28;

/** Writes Avro's binary encoding into one buffer that grows and is used again. */
export class AvroWriter {
  buffer = Buffer.allocUnsafeSlow(1_024);
  view = new DataView(this.buffer.buffer);
  at = 0;

  reset(): void {
    this.at = 0;
  }

  /** Makes room for `bytes` more. */
  ensure(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.at + bytes));
    this.buffer.copy(grown, 0, 0, this.at);
    this.buffer = grown;
    this.view = new DataView(grown.buffer);
  }

  byte(value: number): void {
    this.ensure(1);
    this.buffer[this.at++] = value;
  }

  /** What another writer holds. */
  copy({ view, at: length }: AvroWriter): void {
    this.ensure(length);
    this.at = copySlice(view, 0, length, this.view, this.at);
  }

  /** An integer of up to 53 bits, zigzag, 7 bits a byte. */
  long(value: number): void {
    this.ensure(10);
    const { buffer } = this;
    let at = this.at;
    // Doubling is exact, because only the exponent changes; the odd numbers that stand for negative ones are so up to 2^53.
    let rest = value >= 0 ? value * 2 : -value * 2 - 1;
    if (value < -(2 ** 52)) return this.#veryNegative(value);
    while (rest >= low28) {
      // Four bytes at a time keep the arithmetic in 32 bits.
      const low = rest % low28;
      rest = (rest - low) / low28;
      buffer[at++] = (low & 0x7f) | 0x80;
      buffer[at++] = ((low >>> 7) & 0x7f) | 0x80;
      buffer[at++] = ((low >>> 14) & 0x7f) | 0x80;
      buffer[at++] = ((low >>> 21) & 0x7f) | 0x80;
    }
    let small = rest | 0;
    while (small > 0x7f) {
      buffer[at++] = (small & 0x7f) | 0x80;
      small >>>= 7;
    }
    buffer[at++] = small;
    this.at = at;
  }

  #veryNegative(value: number): void {
    let rest = -2n * BigInt(value) - 1n;
    for (; rest > 0x7fn; rest >>= 7n) this.buffer[this.at++] = Number(rest & 0x7fn) | 0x80;
    this.buffer[this.at++] = Number(rest);
  }

  double(value: number): void {
    this.ensure(8);
    this.at = this.buffer.writeDoubleLE(value, this.at);
  }

  boolean(value: boolean): void {
    this.byte(value ? 1 : 0);
  }

  string(text: string): void {
    const { length } = text;
    this.ensure(length * 3 + 5);
    if (length < loopLength) {
      const { buffer } = this;
      const start = this.at;
      let at = start + 1;
      let ascii = true;
      for (let index = 0; index < length; index++) {
        const code = text.charCodeAt(index);
        if (code > 0x7f) {
          ascii = false;
          break;
        }
        buffer[at++] = code;
      }
      if (ascii) {
        // Lengths under 64 are one byte.
        buffer[start] = length << 1;
        this.at = at;
        return;
      }
    }
    const bytes = Buffer.byteLength(text);
    this.long(bytes);
    this.at += this.buffer.write(text, this.at);
  }

  /** Characters as they are, UTF-8, without a length. */
  raw(text: string): void {
    const { length } = text;
    this.ensure(length * 3);
    const { buffer } = this;
    let at = this.at;
    if (length < loopLength) {
      let index = 0;
      for (; index < length; index++) {
        const code = text.charCodeAt(index);
        if (code > 0x7f) break;
        buffer[at++] = code;
      }
      if (index === length) {
        this.at = at;
        return;
      }
    }
    this.at += buffer.write(text, this.at);
  }

  /** A text as JSON writes it, in UTF-8. */
  jsonString(text: string): void {
    const { length } = text;
    if (length < loopLength) {
      this.ensure(length + 2);
      const { buffer } = this;
      let at = this.at;
      buffer[at++] = quote;
      let index = 0;
      for (; index < length; index++) {
        const code = text.charCodeAt(index);
        if (code < 0x20 || code > 0x7e || code === quote || code === backslash) break;
        buffer[at++] = code;
      }
      if (index === length) {
        buffer[at++] = quote;
        this.at = at;
        return;
      }
    }
    this.raw(JSON.stringify(text));
  }
}

const quote = 0x22;
const backslash = 0x5c;
