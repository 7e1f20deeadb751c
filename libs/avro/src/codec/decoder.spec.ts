import { describe, expect, it } from '@jest/globals';
import { parseSchema } from '../parse-schema.ts';
import type { Json, RecordSchema, Schema } from '../schema.ts';
import { decoder, rowDecoder, type DecoderOptions } from './decoder.ts';
import { encoder } from './encoder.ts';
import type { GuardLimits } from './limits.ts';
import { newRow } from './new-row.ts';
import { AvroResolutionError } from './resolution.ts';
import { everyType, everyValue } from './testing/every-type.ts';

const every = parseSchema(everyType as unknown as Json) as RecordSchema;

function parse(json: unknown): Schema {
  return parseSchema(typeof json === 'string' ? JSON.stringify(json) : (json as Json));
}

function bytesOf(schema: Schema, value: unknown): Buffer {
  const bytes = Buffer.alloc(10_000);
  const end = encoder(schema).encode(value, bytes, 0);
  expect(end).toBeGreaterThanOrEqual(0);
  return bytes.subarray(0, end);
}

/** What `reader` makes of what `writer` wrote. */
function evolve(
  writer: unknown,
  value: unknown,
  reader: unknown,
  options: Partial<DecoderOptions> = {},
): unknown {
  const written = parse(writer);
  return decoder({ writer: written, reader: parse(reader), ...options }).decode(bytesOf(written, value));
}

function record(fields: readonly unknown[], more: object = {}): object {
  return { type: 'record', name: 'R', fields, ...more };
}

describe('decoder', () => {
  it('gives back every type and logical type as it was encoded', () => {
    expect(decoder({ writer: every }).decode(bytesOf(every, everyValue))).toEqual(everyValue);
  });

  it('gives back the ends of all ranges', () => {
    const cases: [unknown, readonly unknown[]][] = [
      ['int', [-(2 ** 31), 2 ** 31 - 1, -1, 0, 63, 64, -64, -65]],
      [
        'long',
        [
          Number.MIN_SAFE_INTEGER,
          Number.MAX_SAFE_INTEGER,
          2 ** 30,
          -(2 ** 30),
          -(2 ** 30) - 1,
          2 ** 52 + 1,
          -(2 ** 52) - 1,
          2 ** 27,
          2 ** 34 - 1,
        ],
      ],
      [
        { type: 'long', exact: true },
        [-(2n ** 63n), 2n ** 63n - 1n, 0n, -1n, 2n ** 53n + 1n, 2n ** 28n, -(2n ** 56n)],
      ],
      ['double', [-0, 5e-324, Number.MAX_VALUE, Infinity, -Infinity, NaN]],
      ['float', [-0, Math.fround(3.4e38), Infinity, NaN, 1.5]],
      ['string', ['', 'a'.repeat(63), 'a'.repeat(64), 'ä'.repeat(40), '\u0000', '￿𐀀', `${'a'.repeat(62)}é`]],
      [{ type: 'int', logicalType: 'date' }, ['1970-01-01', '0000-01-01', '+012026-12-31', '-000001-02-28']],
      [
        { type: 'bytes', logicalType: 'decimal', precision: 40, scale: 3 },
        ['0.000', '-0.001', '0.128', '-0.128', '-0.129', `${'9'.repeat(37)}.999`],
      ],
      [
        { type: 'bytes', logicalType: 'decimal', precision: 5, scale: 0 },
        ['127', '128', '-128', '-129', '32767', '32768'],
      ],
    ];
    for (const [type, values] of cases) {
      const schema = parse(type);
      for (const value of values)
        expect(decoder({ writer: schema }).decode(bytesOf(schema, value))).toEqual(value);
    }
  });

  it('reads only the fields asked for, and checks the others', () => {
    const bytes = bytesOf(every, everyValue);
    const some = decoder({ writer: every, fields: ['text', 'exact', 'nested'] });
    const { exact, text, nested } = everyValue;
    expect(some.decode(bytes)).toEqual({ exact, text, nested });
    expect(Object.keys(some.decode(bytes) as object)).toEqual(['exact', 'text', 'nested']);
    const broken = Buffer.from(bytes);
    broken[0] = 2;
    expect(() => some.decode(broken)).toThrow(expect.objectContaining({ code: 'AVRO_BOOLEAN' }));
    expect(() => decoder({ writer: every, fields: ['nope'] })).toThrow(
      'has no field "nope"; it has nothing, flag',
    );
  });

  it('lets an unsafe long pass in a field that nobody reads', () => {
    const writer = parse(
      record([
        { name: 'a', type: { type: 'long', exact: true } },
        { name: 'b', type: 'int' },
      ]),
    );
    const reader = parse(
      record([
        { name: 'a', type: 'long' },
        { name: 'b', type: 'int' },
      ]),
    );
    const bytes = bytesOf(writer, { a: 2n ** 60n, b: 7 });
    expect(decoder({ writer, reader, fields: ['b'] }).decode(bytes)).toEqual({ b: 7 });
    expect(() => decoder({ writer, reader }).decode(bytes)).toThrow(
      /give the field \{"type": "long", "exact": true\}/,
    );
  });

  it('overwrites one row, and only when the whole payload holds', () => {
    const row = newRow(every, ['small', 'text', 'maybe']);
    expect(row).toEqual({ small: 0, text: '', maybe: null });
    const rows = rowDecoder(row, { writer: every, fields: ['small', 'text', 'maybe'] });
    const bytes = bytesOf(every, everyValue);
    expect(rows.read(bytes, 0, bytes.length)).toBe(0);
    expect(row).toEqual({ small: -123_456, text: everyValue.text, maybe: 'yes' });
    const other = bytesOf(every, { ...everyValue, small: 1, text: 'x', maybe: null });
    expect(rows.read(other, 0, other.length - 1)).toBe(-1);
    expect(rows.fault(0)).toMatchObject({ code: 'AVRO_TRUNCATED', path: 'Every.nested' });
    expect(row).toMatchObject({ small: -123_456 });
    expect(rows.read(other, 0, other.length)).toBe(0);
    expect(row).toEqual({ small: 1, text: 'x', maybe: null });
  });

  it('keeps what it gave when the bytes are overwritten', () => {
    const schema = parse(
      record([
        { name: 'b', type: 'bytes' },
        { name: 's', type: 'string' },
      ]),
    );
    const bytes = bytesOf(schema, { b: Uint8Array.of(1, 2), s: 'text' });
    const value = decoder({ writer: schema }).decode(bytes);
    bytes.fill(0xff);
    expect(value).toEqual({ b: Uint8Array.of(1, 2), s: 'text' });
  });

  it('gives equal strings for equal bytes, however often columns repeat themselves', () => {
    const schema = parse(record([{ name: 's', type: 'string' }]));
    const { decode } = decoder<{ s: string }>({ writer: schema });
    for (let index = 0; index < 20_000; index++) {
      const s = index < 10_000 ? `page-${index % 3_000}` : `user-${(index * 7919) % 50_000}`;
      expect(decode(bytesOf(schema, { s })).s).toBe(s);
    }
  }, 60_000);

  it('refuses values of logical types that cannot be', () => {
    const decimal = { type: 'bytes', logicalType: 'decimal', precision: 3, scale: 1 };
    const wide = bytesOf(parse('bytes'), Uint8Array.of(0x03, 0xe8));
    expect(() => decoder({ writer: parse(decimal) }).decode(wide)).toThrow(/more digits than its precision/);
    const huge = bytesOf(parse('bytes'), new Uint8Array(300));
    expect(() => decoder({ writer: parse(decimal) }).decode(huge)).toThrow(
      expect.objectContaining({ code: 'AVRO_DECIMAL' }),
    );
    const day = bytesOf(parse('int'), 2 ** 31 - 1);
    const date = parse({ type: 'int', logicalType: 'date' });
    expect(() => decoder({ writer: date }).decode(day)).toThrow(
      expect.objectContaining({ code: 'AVRO_DATE' }),
    );
  });
});

describe('schema evolution', () => {
  it('fills in defaults, drops what is gone, keeps the reader’s order', () => {
    const writer = record([
      { name: 'gone', type: { type: 'map', values: 'string' } },
      { name: 'kept', type: 'int' },
    ]);
    const reader = record([
      { name: 'list', type: { type: 'array', items: 'int' }, default: [1, 2] },
      { name: 'kept', type: 'int' },
      { name: 'note', type: ['null', 'string'], default: null },
      {
        name: 'price',
        type: { type: 'bytes', logicalType: 'decimal', precision: 5, scale: 2 },
        default: '\u0001\u0000',
      },
      { name: 'raw', type: 'bytes', default: '\u00ff' },
      { name: 'big', type: { type: 'long', exact: true }, default: 5 },
      {
        name: 'inner',
        type: { type: 'record', name: 'I', fields: [{ name: 'x', type: 'int', default: 3 }] },
        default: {},
      },
    ]);
    const value = evolve(writer, { gone: { a: 'b' }, kept: 9 }, reader);
    expect(value).toEqual({
      list: [1, 2],
      kept: 9,
      note: null,
      price: '2.56',
      raw: Uint8Array.of(255),
      big: 5n,
      inner: { x: 3 },
    });
    expect(Object.keys(value as object)[0]).toBe('list');
  });

  it('gives each value a default of its own', () => {
    const writer = parse(record([]));
    const reader = parse(record([{ name: 'list', type: { type: 'array', items: 'int' }, default: [] }]));
    const { decode } = decoder<{ list: number[] }>({ writer, reader });
    decode(Buffer.alloc(0)).list.push(1);
    expect(decode(Buffer.alloc(0)).list).toEqual([]);
  });

  it.each([
    ['int', 5, 'long', 5],
    ['int', 5, { type: 'long', exact: true }, 5n],
    ['int', 16_777_217, 'float', 16_777_216],
    ['int', 5, 'double', 5],
    ['long', 5, 'double', 5],
    [{ type: 'long', exact: true }, 2n ** 60n + 1n, 'double', 2 ** 60],
    ['float', 0.5, 'double', 0.5],
    ['string', 'é', 'bytes', new Uint8Array(Buffer.from('é'))],
    ['bytes', new Uint8Array(Buffer.from('é')), 'string', 'é'],
    ['string', 'a', ['null', 'string'], 'a'],
    [['null', 'string'], 'a', 'string', 'a'],
    ['int', 5, ['string', 'long'], 5],
    ['int', 5, ['long', 'int'], { int: 5 }],
    [['int', 'string'], 5, ['null', 'string', 'double'], 5],
    [{ type: 'array', items: 'int' }, [1], { type: 'array', items: ['null', 'double'] }, [1]],
    [{ type: 'map', values: 'int' }, { a: 1 }, { type: 'map', values: 'long' }, { a: 1 }],
  ])('reads %j %p as %j', (writer, value, reader, expected) => {
    expect(evolve(writer, value, reader)).toEqual(expected);
  });

  it('follows aliases of records and fields', () => {
    const writer = { type: 'record', name: 'Old', namespace: 'a', fields: [{ name: 'x', type: 'int' }] };
    const reader = {
      type: 'record',
      name: 'New',
      namespace: 'b',
      aliases: ['a.Old'],
      fields: [{ name: 'y', aliases: ['x'], type: 'int' }],
    };
    expect(evolve(writer, { x: 1 }, reader)).toEqual({ y: 1 });
  });

  it('reads symbols that are gone as the enum’s default, or refuses them', () => {
    const writer = { type: 'enum', name: 'E', symbols: ['A', 'B'] };
    expect(evolve(writer, 'B', { type: 'enum', name: 'E', symbols: ['A'], default: 'A' })).toBe('A');
    expect(evolve(writer, 'A', { type: 'enum', name: 'E', symbols: ['A'] })).toBe('A');
    expect(() => evolve(writer, 'B', { type: 'enum', name: 'E', symbols: ['A'] })).toThrow(
      expect.objectContaining({ code: 'AVRO_UNRESOLVED' }),
    );
  });

  it('refuses a branch that the reader cannot take, and takes the others', () => {
    expect(evolve(['int', 'string'], 5, 'int')).toBe(5);
    expect(() => evolve(['int', 'string'], 'a', 'int')).toThrow(
      expect.objectContaining({ code: 'AVRO_UNRESOLVED' }),
    );
  });

  it('says at once what can never be read', () => {
    expect(() => evolve('string', 'a', 'int')).toThrow(AvroResolutionError);
    const writer = record([{ name: 'a', type: { type: 'array', items: 'string' } }]);
    expect(() =>
      evolve(writer, { a: [] }, record([{ name: 'a', type: { type: 'array', items: 'int' } }])),
    ).toThrow('R.a[]: a int cannot be read from what was written as string');
    expect(() => evolve(writer, { a: [] }, record([{ name: 'b', type: 'int' }]))).toThrow('R.b');
  });

  it('resolves recursive types, in parts that are read and parts that are not', () => {
    const node = (fields: readonly unknown[]) => ({
      type: 'record',
      name: 'Node',
      fields: [...fields, { name: 'next', type: ['null', 'Node'], default: null }],
    });
    const writer = node([
      { name: 'a', type: 'int' },
      { name: 'b', type: 'string' },
    ]);
    const reader = node([
      { name: 'a', type: 'long' },
      { name: 'c', type: 'string', default: 'c' },
    ]);
    const value = { a: 1, b: 'x', next: { a: 2, b: 'y', next: null } };
    expect(evolve(writer, value, reader)).toEqual({ a: 1, next: { a: 2, next: null, c: 'c' }, c: 'c' });
    expect(
      evolve(writer, value, { type: 'record', name: 'Node', fields: [{ name: 'a', type: 'int' }] }),
    ).toEqual({ a: 1 });
  });

  it('skips what it does not read inside arrays of shared records, within the same limits', () => {
    const point = (fields: readonly unknown[]) => ({ type: 'record', name: 'P', fields });
    const writer = record([
      {
        name: 'first',
        type: point([
          { name: 'x', type: 'int' },
          { name: 'tags', type: { type: 'array', items: 'string' } },
        ]),
      },
      { name: 'rest', type: { type: 'array', items: 'P' } },
    ]);
    const reader = record([
      { name: 'first', type: point([{ name: 'x', type: 'int' }]) },
      { name: 'rest', type: { type: 'array', items: 'P' } },
    ]);
    const value = {
      first: { x: 1, tags: ['a'] },
      rest: Array.from({ length: 10 }, (_, x) => ({ x, tags: ['b', 'c'] })),
    };
    const limits: Partial<GuardLimits> = { maxItems: 31 };
    const expected = { first: { x: 1 }, rest: value.rest.map(({ x }) => ({ x })) };
    expect(evolve(writer, value, reader, { limits })).toEqual(expected);
    expect(() => evolve(writer, value, reader, { limits: { maxItems: 30 } })).toThrow(/maxItems/);
  });
});
