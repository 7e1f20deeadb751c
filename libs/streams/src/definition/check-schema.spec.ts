import { describe, expect, it } from '@jest/globals';
import { schemaProblem } from './check-schema.ts';

const item = { type: 'record', name: 'Item', fields: [{ name: 'sku', type: 'string' }] };
const record = (...types: unknown[]) => ({
  type: 'record',
  name: 'Click',
  namespace: 'io.shop',
  fields: types.map((type, at) => ({ name: `f${at}`, type })),
});

describe('an Avro schema of rows', () => {
  it.each([
    [record('null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string')],
    [record({ type: 'long', logicalType: 'timestamp-millis' }, { type: { type: 'array', items: 'int' } })],
    [record(['null', 'string', item], { type: 'map', values: ['null', 'io.shop.Item'] }, 'Item')],
    [record({ type: 'enum', name: 'E', symbols: ['A', 'B'] }, { type: 'fixed', name: 'F', size: 2 })],
    [record(['null', 'Click'])],
    [
      record([
        { type: 'array', items: 'int' },
        { type: 'map', values: 'int' },
      ]),
    ],
  ])('is one with the types of Avro and those that it names (%#)', (schema) => {
    expect(schemaProblem(schema)).toBeUndefined();
  });

  it.each([
    ['Click', /^is "Click", not an Avro record schema/],
    [{ type: 'record', fields: [] }, /^has the record name undefined: write a letter/],
    [{ type: 'record', name: 'A' }, /^has a record without a list of fields/],
    [{ ...record(), fields: [{ name: 'a b', type: 'int' }] }, /^has a field called "a b": write a letter/],
    [{ ...record(), fields: [{ name: '__proto__', type: 'int' }] }, /^has a field called "__proto__"/],
    [{ ...record(), fields: [...item.fields, ...item.fields] }, /^has the field "sku" twice: rename one/],
    [{ ...record(), fields: [{ name: 'a', type: 'int', unit: 5 }] }, /^field "a" has the unit 5: write text/],
    [
      { ...record(), fields: [{ name: 'a', type: 'int', pii: 'yes' }] },
      /^field "a" has the mark "pii": "yes"/,
    ],
    [record('strin'), /^field "f0" has the type "strin", which there is not: write a type of Avro/],
    [record('Item', item), /^field "f0" has the type "Item", which there is not/],
    [record(undefined), /^field "f0" has the type undefined/],
    [record(null), /^field "f0" has the type null/],
    [record({ type: 'array' }), /^field "f0" has the type undefined/],
    [record({ type: 'map', values: 'strin' }), /^field "f0" has the type "strin"/],
    [record(['null', 'strin']), /^field "f0" has the type "strin"/],
    [record([]), /^field "f0" has a union of no types/],
    [record(['int', 'int']), /^field "f0" has a union with int twice/],
    [record(['int', ['null']]), /^field "f0" has a union within a union/],
    [record(item, item), /^field "f1" has another "io\.shop\.Item": define it once/],
    [record({ ...item, fields: [{ name: 'sku', type: 'txt' }] }), /^field "f0\.sku" has the type "txt"/],
    [record({ type: 'enum', name: 'E' }), /^field "f0" has an enum without symbols/],
    [record({ type: 'enum', name: 'E', symbols: ['A', 'A'] }), /^field "f0" has the symbol "A", which is no/],
    [record({ type: 'fixed', name: 'F' }), /^field "f0" has the fixed "io\.shop\.F" of undefined bytes/],
  ])('is refused with the field, the value and the remedy (%#)', (schema, problem) => {
    expect(schemaProblem(schema)).toMatch(problem);
  });
});
