import { describe, expect, it } from '@jest/globals';
import { AvroSchemaError } from './errors.ts';
import { parseSchema, type ParseOptions } from './parse-schema.ts';
import type { Json, RecordSchema } from './schema.ts';

function refusal(
  input: string | Json,
  options?: ParseOptions,
): { code: string; path: string; message: string } {
  try {
    parseSchema(input, options);
  } catch (error) {
    if (error instanceof AvroSchemaError)
      return { code: error.code, path: error.path, message: error.message };
    throw error;
  }
  throw new Error('the schema was taken');
}

const record = (fields: Json, rest = {}): Json => ({ type: 'record', name: 'R', fields, ...rest });

describe('parseSchema', () => {
  it('resolves names to the object of their definition, across namespaces and recursion', () => {
    const schema = parseSchema({
      type: 'record',
      name: 'Tree',
      namespace: 'garden',
      fields: [
        { name: 'kids', type: { type: 'array', items: 'Tree' } },
        { name: 'leaf', type: { type: 'fixed', name: 'Leaf', size: 4 } },
        { name: 'other', type: ['null', 'garden.Leaf'], default: null },
      ],
    }) as RecordSchema;
    const [kids, leaf, other] = schema.fields;
    expect(schema.name).toBe('garden.Tree');
    expect(kids?.type.type === 'array' && kids.type.items).toBe(schema);
    expect(other?.type.type === 'union' && other.type.branches[1]).toBe(leaf?.type);
  });

  it('keeps attributes of one’s own, and knows a logical type only where it fits', () => {
    const schema = parseSchema(
      record([
        { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' }, eventTime: true },
        { name: 'wrong', type: { type: 'string', logicalType: 'date' } },
        { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 } },
        { name: 'tooFine', type: { type: 'bytes', logicalType: 'decimal', precision: 2, scale: 5 } },
        { name: 'id', type: { type: 'fixed', name: 'Id', size: 15, logicalType: 'uuid' } },
        { name: 'sum', type: { type: 'fixed', name: 'Sum', size: 2, logicalType: 'decimal', precision: 5 } },
      ]),
    ) as RecordSchema;
    expect(schema.fields.map(({ type }) => ('logicalType' in type ? type.logicalType : undefined))).toEqual([
      'timestamp-millis',
      undefined,
      'decimal',
      undefined,
      undefined,
      undefined,
    ]);
    expect(schema.fields[0]?.props).toEqual({ eventTime: true });
    expect(schema.fields[1]?.type).toHaveProperty('props.logicalType', 'date');
    expect(schema.fields[2]?.type).toMatchObject({ precision: 9, scale: 2 });
  });

  it('takes named types of references by name, and refuses to define them again', () => {
    const address = parseSchema(record([], { name: 'crm.Address' }));
    const options = { references: [address] };
    const schema = parseSchema(record([{ name: 'home', type: 'crm.Address' }]), options) as RecordSchema;
    expect(schema.fields[0]?.type).toBe(address);
    expect(refusal(record([], { name: 'crm.Address' }), options).code).toBe('AVRO_SCHEMA_REDEFINED');
  });

  it.each<[string, Json, string, string]>([
    ['an unknown type', record([{ name: 'a', type: 'Nope' }]), 'AVRO_SCHEMA_UNKNOWN_TYPE', '/fields/0/type'],
    [
      'a name twice',
      record([
        { name: 'a', type: 'int' },
        { name: 'a', type: 'int' },
      ]),
      'AVRO_SCHEMA_REDEFINED',
      '/fields/1',
    ],
    ['a union in a union', ['int', ['string']], 'AVRO_SCHEMA_UNION', '/1'],
    [
      'one branch twice',
      ['long', { type: 'long', logicalType: 'timestamp-millis' }],
      'AVRO_SCHEMA_UNION',
      '/1',
    ],
    [
      'a default of another type',
      record([{ name: 'a', type: 'int', default: 'x' }]),
      'AVRO_SCHEMA_DEFAULT',
      '/fields/0',
    ],
    [
      'an int default of 2^31',
      record([{ name: 'a', type: 'int', default: 2 ** 31 }]),
      'AVRO_SCHEMA_DEFAULT',
      '/fields/0',
    ],
    ['a primitive’s name', record([], { name: 'a.int' }), 'AVRO_SCHEMA_NAME', ''],
    ['a name from a prototype', ['constructor'], 'AVRO_SCHEMA_UNKNOWN_TYPE', '/0'],
    ['a fractional size', { type: 'fixed', name: 'F', size: 1.5 }, 'AVRO_SCHEMA_INVALID', ''],
  ])('refuses %s with code and path', (_, input, code, path) => {
    const found = refusal(input);
    expect([found.code, found.path]).toEqual([code, path]);
  });

  it('checks the defaults of recursive fields against the whole record', () => {
    const withDefault = (value: Json) =>
      record([
        { name: 'next', type: ['null', 'R'], default: value },
        { name: 'size', type: 'int' },
      ]);
    expect(refusal(withDefault({ next: null })).code).toBe('AVRO_SCHEMA_DEFAULT');
    expect(parseSchema(withDefault({ size: 1 }))).toHaveProperty('name', 'R');
  });

  it('holds any schema to its limits, and the process lives', () => {
    const nested = (open: string, close: string, levels: number) =>
      open.repeat(levels) + '"int"' + close.repeat(levels);
    expect(refusal(nested('{"type":"array","items":', '}', 20_000)).code).toBe('AVRO_SCHEMA_TOO_DEEP');
    expect(refusal(nested('[', ']', 1_000_000 / 2 - 10)).code).toBe('AVRO_SCHEMA_TOO_DEEP');
    expect(refusal(`"${'x'.repeat(10 * 2 ** 20)}"`).code).toBe('AVRO_SCHEMA_TOO_LARGE');
    expect(refusal(`"${'é'.repeat(600_000)}"`).code).toBe('AVRO_SCHEMA_TOO_LARGE');
    let asObject: Json = 'int';
    for (let level = 0; level < 20_000; level++) asObject = { type: 'array', items: asObject };
    expect(refusal(asObject).code).toBe('AVRO_SCHEMA_TOO_DEEP');
    expect(refusal(record([{ name: 'a', type: 'int', default: asObject }])).code).toBe('AVRO_SCHEMA_DEFAULT');
    const many = Array.from({ length: 1_001 }, (_, n) => ({ type: 'fixed', name: `F${n}`, size: 1 }));
    expect(refusal(many).code).toBe('AVRO_SCHEMA_TOO_COMPLEX');
    const wide = Array.from({ length: 20_001 }, (_, n) => ({ name: `f${n}`, type: 'int' }));
    expect(refusal(record(wide)).code).toBe('AVRO_SCHEMA_TOO_COMPLEX');
    expect(refusal(record([], { name: 'n'.repeat(513) })).code).toBe('AVRO_SCHEMA_TOO_LARGE');
  });

  it('gives up on defaults that could be tried exponentially often', () => {
    let value: Json = { stop: 1 };
    for (let level = 0; level < 60; level++) value = { f: value };
    const left = { type: 'record', name: 'L', fields: [] as Json[] };
    const right = { type: 'record', name: 'Q', fields: [{ name: 'f', type: ['L', 'Q'] }] };
    left.fields.push({ name: 'f', type: ['L', right] });
    const hostile = record([{ name: 'f', type: left, default: value }]);
    expect(refusal(hostile).code).toBe('AVRO_SCHEMA_TOO_COMPLEX');
  });

  it('does not touch any prototype', () => {
    const text =
      '{"type":"record","name":"R","__proto__":{"polluted":1},"fields":[{"name":"__proto__","type":"int"}]}';
    const schema = parseSchema(text) as RecordSchema;
    expect(schema.fields[0]?.name).toBe('__proto__');
    expect(Object.keys(schema.props ?? {})).toEqual(['__proto__']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
