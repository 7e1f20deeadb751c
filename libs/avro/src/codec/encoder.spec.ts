import { describe, expect, it } from '@jest/globals';
import { parseSchema } from '../parse-schema.ts';
import type { Json, Schema } from '../schema.ts';
import { decoder } from './decoder.ts';
import { encoder } from './encoder.ts';
import { everyType, everyValue } from './testing/every-type.ts';

const every = parse(everyType);

function parse(json: unknown): Schema {
  return parseSchema(typeof json === 'string' ? JSON.stringify(json) : (json as Json));
}

/** Faults of a value, each as `path rule`. Encoding must fail exactly when there are some. */
function faults(schema: Schema, value: unknown, options = {}): string[] {
  const made = encoder(schema, options);
  const found = made.faults(value).map(({ path, rule }) => `${path} ${rule}`);
  const end = made.encode(value, Buffer.alloc(100_000), 0);
  expect(end < 0).toBe(found.length > 0);
  return found;
}

describe('encoder', () => {
  it('says −1 for every buffer that is too small, and never writes outside', () => {
    const { encode } = encoder(every);
    const size = encode(everyValue, Buffer.alloc(10_000), 0);
    for (let length = 0; length < size; length++) {
      const bytes = Buffer.alloc(length + 20, 0xaa);
      expect(encode(everyValue, bytes.subarray(0, length), 0)).toBe(-1);
      expect(bytes.subarray(length).every((byte) => byte === 0xaa)).toBe(true);
    }
  });

  it('writes into plain Uint8Arrays as into Buffers, at any position', () => {
    const [plain, buffer] = [new Uint8Array(5_000), Buffer.alloc(5_000)];
    const { encode } = encoder(every);
    const end = encode(everyValue, plain, 3);
    expect(encode(everyValue, buffer, 3)).toBe(end);
    expect(Buffer.from(plain)).toEqual(buffer);
    expect(decoder({ writer: every }).decode(plain, 3, end)).toEqual(everyValue);
  });

  it('gives the path, the rule and the fix of each fault', () => {
    const value = {
      ...everyValue,
      flag: 1,
      small: 2 ** 31,
      large: 2 ** 53,
      exact: 1,
      single: 1e39,
      text: '\ud800',
      suit: 'JOKER',
      hash: Uint8Array.of(1),
      words: ['a', 2],
      counts: { a: 1.5 },
      maybe: 5,
      alike: 'HEARTS',
      tree: { value: 1, children: [{ value: 'x', children: [] }] },
      day: '2026-02-30',
      price: '1.2345',
      fee: '123456789.00',
      id: 'no',
      span: { months: -1, days: 0, millis: 0 },
      nothing: 0,
      typo: true,
    };
    expect(faults(every, value)).toEqual([
      'Every.nothing type',
      'Every.flag type',
      'Every.small range',
      'Every.large range',
      'Every.exact type',
      'Every.single range',
      'Every.text format',
      'Every.suit symbol',
      'Every.hash size',
      'Every.words[1] type',
      'Every.counts["a"] range',
      'Every.maybe branch',
      'Every.alike branch',
      'Every.tree.children[0].value type',
      'Every.day format',
      'Every.price format',
      'Every.fee format',
      'Every.id format',
      'Every.span type',
      'Every.typo unknown',
    ]);
    expect(encoder(every).faults({ ...everyValue, alike: 'HEARTS' })[0]?.fix).toBe(
      'got "HEARTS"; send null or { "string": … } or { "io.millrace.test.Suit": … }',
    );
  });

  it('finds each single fault that a record can have', () => {
    for (const field of Object.keys(everyValue)) {
      for (const wrong of [Symbol.iterator, () => 0, { no: 'x' }]) {
        expect(faults(every, { ...everyValue, [field]: wrong }).length).toBeGreaterThan(0);
      }
      const missing = Object.fromEntries(Object.entries(everyValue).filter(([name]) => name !== field));
      expect(faults(every, missing)).toEqual(field === 'maybe' ? [] : [`Every.${field} missing`]);
    }
    for (const wrong of [null, undefined, 1, 'x', [], new Uint8Array(3)]) {
      expect(faults(every, wrong)).toEqual(['Every type']);
    }
  });

  it('refuses fields that the schema does not have, unless told to ignore them', () => {
    const schema = parse({
      type: 'record',
      name: 'R',
      fields: [
        { name: 'a', type: 'int', default: 4 },
        { name: 'b', type: 'int' },
      ],
    });
    expect(faults(schema, { a: 1, b: 2, c: 3 })).toEqual(['R.c unknown']);
    expect(faults(schema, { A: 1, b: 2 })).toEqual(['R.A unknown']);
    expect(faults(schema, { a: undefined, b: 2, c: undefined })).toEqual([]);
    expect(faults(schema, { A: 1, b: 2 }, { unknownFields: 'ignore' })).toEqual([]);
    const bytes = Buffer.alloc(100);
    expect(decoder({ writer: schema }).decode(bytes, 0, encoder(schema).encode({ b: 2 }, bytes, 0))).toEqual({
      a: 4,
      b: 2,
    });
  });

  it('refuses a value that contains itself', () => {
    const node = parse({ type: 'record', name: 'N', fields: [{ name: 'next', type: ['null', 'N'] }] });
    const loop: { next: unknown } = { next: null };
    loop.next = loop;
    expect(faults(node, loop)).toHaveLength(1);
    expect(faults(node, { next: { next: null } })).toEqual([]);
  });

  it('never shows more than the start of a value in a fault', () => {
    const [fault] = encoder(parse('int')).faults('secret'.repeat(100));
    expect(fault?.fix.length).toBeLessThan(80);
  });

  it('takes defaults of recursive and nested types', () => {
    const tree = parse({
      type: 'record',
      name: 'T',
      fields: [
        { name: 'left', type: ['null', 'T'], default: null },
        { name: 'list', type: { type: 'array', items: 'T' }, default: [] },
        { name: 'map', type: { type: 'map', values: 'bytes' }, default: { k: '\u0001' } },
      ],
    });
    const bytes = Buffer.alloc(100);
    const end = encoder(tree).encode({ left: {} }, bytes, 0);
    const leaf = { left: null, list: [], map: { k: Uint8Array.of(1) } };
    expect(decoder({ writer: tree }).decode(bytes, 0, end)).toEqual({ ...leaf, left: leaf });
  });
});
