import avsc from 'avsc';
import { describe, expect, it } from '@jest/globals';
import { parseSchema } from '../parse-schema.ts';
import type { Json } from '../schema.ts';
import { decoder } from './decoder.ts';
import { guard } from './guard.ts';
import type { GuardLimits } from './limits.ts';
import { AvroPayloadError } from './payload-error.ts';

const idAndTags = record({ id: 'string', tags: { type: 'array', items: 'string' } });

function record(fields: Record<string, unknown>): Json {
  const list = Object.entries(fields).map(([name, type]) => ({ name, type }));
  return { type: 'record', name: 'R', fields: list } as Json;
}

/** Code and path of what the guard says to hex bytes; undefined when they pass. The decoder must say the same. */
function verdict(schema: Json, hex: string, limits: Partial<GuardLimits> = {}): string | undefined {
  const parsed = parseSchema(typeof schema === 'string' ? JSON.stringify(schema) : schema);
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const said = (run: () => unknown) => {
    try {
      run();
      return undefined;
    } catch (error) {
      if (!(error instanceof AvroPayloadError)) throw error;
      return `${error.code} ${error.path}@${error.position}`;
    }
  };
  const guarded = said(() => guard(parsed, limits)(bytes));
  const decoded = said(() => decoder({ writer: parsed, limits }).decode(bytes));
  expect(decoded).toBe(guarded);
  return guarded;
}

describe('guard', () => {
  it('refuses the seven bytes that run avsc out of memory', () => {
    expect(verdict(idAndTags, '02 61 80 a0 d9 e6 1d')).toBe('AVRO_ITEMS_LIMIT R.tags@7');
  });

  it('says where and why, and in words what to do', () => {
    const check = guard(parseSchema(idAndTags));
    expect(() => check(Buffer.from('0261', 'hex'))).toThrow(
      'R.tags, byte 2: the bytes end before the value does; the record was cut, or written with another schema',
    );
  });

  it('counts positions from the start of its range and reads nothing outside', () => {
    const check = guard(parseSchema(idAndTags));
    const bytes = Buffer.from('ffff 0261 00 ffff'.replaceAll(' ', ''), 'hex');
    check(bytes, 2, 5);
    expect(() => check(bytes, 2, 4)).toThrow('byte 2');
    expect(() => check(bytes, 2, 6)).toThrow(expect.objectContaining({ code: 'AVRO_TRAILING', position: 3 }));
  });

  it.each([
    ['an int of five bytes that overflows', 'int', 'ff ff ff ff 1f', 'AVRO_INT_RANGE'],
    ['an int written in six bytes', 'int', '80 80 80 80 80 01', 'AVRO_INT_RANGE'],
    ['a varint of eleven bytes', 'long', 'ff ff ff ff ff ff ff ff ff ff 01', 'AVRO_VARINT'],
    ['a varint of ten bytes and more than 64 bits', 'long', 'ff ff ff ff ff ff ff ff ff 02', 'AVRO_VARINT'],
    ['a varint that ends too early', 'long', 'ff ff', 'AVRO_TRUNCATED'],
    ['a long beyond what a number holds', 'long', 'ff ff ff ff ff ff ff ff ff 01', 'AVRO_LONG_UNSAFE'],
    ['a long at −2^53', 'long', 'ff ff ff ff ff ff ff 1f', 'AVRO_LONG_UNSAFE'],
    ['a negative length', 'string', '01', 'AVRO_LENGTH'],
    ['a length of 2^62', 'bytes', 'fe ff ff ff ff ff ff ff 7f', 'AVRO_LENGTH'],
    ['a string longer than the rest', 'string', '08 61', 'AVRO_TRUNCATED'],
    ['boolean 2', 'boolean', '02', 'AVRO_BOOLEAN'],
    ['three bytes of a float', 'float', '00 00 00', 'AVRO_TRUNCATED'],
    ['overlong UTF-8', 'string', '04 c0 af', 'AVRO_UTF8'],
    ['half a surrogate pair', 'string', '06 ed a0 80', 'AVRO_UTF8'],
    ['UTF-8 beyond U+10FFFF', 'string', '08 f4 90 80 80', 'AVRO_UTF8'],
    ['UTF-8 cut within a character', 'string', '04 e2 82', 'AVRO_UTF8'],
    ['a byte that is never UTF-8', 'string', '04 61 ff', 'AVRO_UTF8'],
    ['nothing at all', 'int', '', 'AVRO_TRUNCATED'],
    ['bytes after null', 'null', '00', 'AVRO_TRAILING'],
  ])('refuses %s', (_name, type, hex, code) => {
    expect(verdict(type as Json, hex)?.split(' ')[0]).toBe(code);
  });

  it.each([
    ['−2^53 + 1', 'long', 'fd ff ff ff ff ff ff 1f'],
    ['the least int', 'int', 'ff ff ff ff 0f'],
    ['zero in two bytes, which is longer than needed', 'long', '80 00'],
    [
      'all planes of Unicode',
      'string',
      Buffer.concat([Buffer.from([26]), Buffer.from('aéऐ🐢￿')]).toString('hex'),
    ],
  ])('lets %s pass', (_name, type, hex) => {
    expect(verdict(type as Json, hex)).toBeUndefined();
  });

  it('refuses indexes that do not exist', () => {
    expect(verdict(['null', 'int'] as Json, '04')).toMatch(/^AVRO_UNION_INDEX/);
    expect(verdict(['null', 'int'] as Json, '01')).toMatch(/^AVRO_LENGTH/);
    expect(verdict({ type: 'enum', name: 'E', symbols: ['A'] } as Json, '02')).toMatch(/^AVRO_ENUM_INDEX/);
  });

  it('counts the items of all arrays and maps together, those of zero bytes too', () => {
    const nulls = { type: 'array', items: 'null' } as Json;
    expect(verdict(nulls, '80 80 80 80 10 00')).toMatch(/^AVRO_ITEMS_LIMIT/);
    expect(verdict(nulls, '06 06 00', { maxItems: 6 })).toBeUndefined();
    expect(verdict(nulls, '06 08 00', { maxItems: 6 })).toMatch(/^AVRO_ITEMS_LIMIT/);
    const pairs = record({ a: nulls, b: nulls });
    expect(verdict(pairs, '06 00 08 00', { maxItems: 6 })).toBe('AVRO_ITEMS_LIMIT R.b@3');
  });

  it('bounds the entries of a map and the length of strings', () => {
    const map = { type: 'map', values: 'null' } as Json;
    expect(verdict(map, '06 02 61 02 62 02 63 00', { maxMapEntries: 3 })).toBeUndefined();
    expect(verdict(map, '06 02 61 02 62 02 63 00', { maxMapEntries: 2 })).toMatch(/^AVRO_MAP_LIMIT/);
    expect(verdict('string', '06 61 62 63', { maxStringBytes: 2 })).toMatch(/^AVRO_STRING_LIMIT/);
    expect(verdict(map, '02 06 61 62 63 00', { maxStringBytes: 2 })).toMatch(/^AVRO_STRING_LIMIT/);
    expect(verdict('string', '06 61 62 63', { maxBytes: 3 })).toMatch(/^AVRO_BYTES_LIMIT/);
  });

  it('takes blocks with sizes only when the size is right', () => {
    const ints = { type: 'array', items: 'int' } as Json;
    expect(verdict(ints, '03 04 02 04 00')).toBeUndefined();
    expect(verdict(ints, '03 06 02 04 00')).toMatch(/^AVRO_BLOCK_SIZE/);
    expect(verdict(ints, '03 7e 02 04 00')).toMatch(/^AVRO_TRUNCATED/);
    expect(verdict(ints, 'ff ff ff ff ff ff ff ff ff 01 02')).toMatch(/^AVRO_(LENGTH|ITEMS)/);
  });

  it('refuses a recursive payload 10,000 deep, and any deeper than the limit', () => {
    const list = {
      type: 'record',
      name: 'List',
      fields: [{ name: 'next', type: ['null', 'List'], default: null }],
    } as Json;
    expect(verdict(list, '02'.repeat(10_000) + '00')).toMatch(/^AVRO_DEPTH_LIMIT List@64/);
    expect(verdict(list, '02'.repeat(9) + '00', { maxDepth: 10 })).toBeUndefined();
    expect(verdict(list, '02'.repeat(10) + '00', { maxDepth: 10 })).toMatch(/^AVRO_DEPTH_LIMIT/);
  });

  it('keeps the prototype of what holds a key called __proto__', () => {
    const schema = parseSchema({ type: 'map', values: { type: 'map', values: 'int' } } as Json);
    const bytes = Buffer.from([2, 18, ...Buffer.from('__proto__'), 2, 2, 97, 2, 0, 0]);
    guard(schema)(bytes);
    const map = decoder<Record<string, unknown>>({ writer: schema }).decode(bytes);
    expect(Object.keys(map)).toEqual(['__proto__']);
    expect((map as { a?: unknown }).a).toBeUndefined();
    expect(({} as { a?: unknown }).a).toBeUndefined();
    const field = parseSchema(record({ __proto__x: 'int' }));
    expect(decoder({ writer: field }).decode(Buffer.from([2]))).toEqual({ __proto__x: 1 });
    const named = {
      type: 'record',
      name: 'P',
      fields: [{ name: '__proto__', type: ['null', idAndTags] }],
    } as Json;
    const value = decoder({ writer: parseSchema(named) }).decode(Buffer.from([2, 2, 97, 0]));
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value as object)).toEqual(['__proto__']);
  });

  it('guards the types of avsc', () => {
    const type = avsc.Type.forSchema({
      type: 'record',
      name: 'R',
      fields: [{ name: 'a', type: { type: 'map', values: 'long' } }],
    });
    const check = guard(parseSchema(type.schema({ exportAttrs: true }) as unknown as Json));
    const bytes = type.toBuffer({ a: { x: 1 } });
    check(bytes);
    expect(() => check(bytes.subarray(1))).toThrow(AvroPayloadError);
  });

  it('stays small for schemas that mention one type many times', () => {
    let inner: Json = { type: 'record', name: 'R0', fields: [{ name: 'f', type: 'int' }] };
    for (let level = 1; level < 30; level++) {
      const fields: Json = [
        { name: 'a', type: inner },
        { name: 'b', type: `R${level - 1}` },
      ];
      inner = { type: 'record', name: `R${level}`, fields };
    }
    expect(() => guard(parseSchema(inner), { maxBytes: 10 })(Buffer.alloc(3))).toThrow(AvroPayloadError);
  });
});
