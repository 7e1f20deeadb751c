import { describe, expect, it } from '@jest/globals';
import { AvroWriter } from './avro-writer.ts';
import { EncodedKeys } from './encoded-keys.ts';
import type { KeyEncoder } from './encoded-keys.ts';

/** Writes `<key` and `key>`, and counts how often. */
class Marks implements KeyEncoder {
  readonly keyPart = new AvroWriter();
  readonly valuePart = new AvroWriter();
  calls = 0;

  encodeKey(key: string): void {
    this.calls++;
    for (const [part, text] of [
      [this.keyPart, `<${key}`],
      [this.valuePart, `${key}>`],
    ] as const) {
      part.reset();
      part.raw(text);
    }
  }
}

const textOf = ({ buffer }: DataView, start: number, end: number): string =>
  Buffer.from(buffer).toString('utf8', start, end);

function found(keys: EncodedKeys, key: string, number?: number): string[] {
  keys.find(key, number);
  return [
    textOf(keys.keyView, keys.keyStart, keys.keyEnd),
    textOf(keys.valueView, keys.valueStart, keys.valueEnd),
  ];
}

describe('encoded keys', () => {
  it('encodes a key once for its number, and again when the number has passed to another key', () => {
    const encoder = new Marks();
    const keys = new EncodedKeys(encoder);
    for (const [key, number] of [
      ['a', 0],
      ['b', 700],
      ['a', 0],
      ['b', 700],
    ] as const)
      expect(found(keys, key, number)).toEqual([`<${key}`, `${key}>`]);
    expect(encoder.calls).toBe(2);
    expect(found(keys, 'c', 0)).toEqual(['<c', 'c>']);
    expect(found(keys, 'a', 0)).toEqual(['<a', 'a>']);
    expect(encoder.calls).toBe(4);
  });

  it('remembers neither keys without a number nor long ones nor numbers beyond its room', () => {
    const encoder = new Marks();
    const keys = new EncodedKeys(encoder);
    const long = 'ü'.repeat(100);
    for (let time = 0; time < 2; time++) {
      expect(found(keys, 'a')).toEqual(['<a', 'a>']);
      expect(found(keys, long, 1)).toEqual([`<${long}`, `${long}>`]);
      expect(found(keys, 'far', 16_384)).toEqual(['<far', 'far>']);
    }
    expect(encoder.calls).toBe(6);
  });

  it('gives every key right when there are more than fit', () => {
    const keys = new EncodedKeys(new Marks());
    const name = (n: number) => `${n}-${'x'.repeat(90)}`;
    for (let time = 0; time < 2; time++)
      for (let n = 0; n < 10_000; n++)
        if (found(keys, name(n), n).join() !== `<${name(n)},${name(n)}>`)
          throw new Error(`key ${n} is wrong`);
    expect(found(keys, name(3), 3)).toEqual([`<${name(3)}`, `${name(3)}>`]);
  });
});
