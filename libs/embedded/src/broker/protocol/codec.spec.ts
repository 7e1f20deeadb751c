import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { handlers } from '../handlers/index.ts';
import { ByteReader, MAX_REQUEST_ELEMENTS } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { decode, encode } from './codec.ts';
import { f, isFlexible, list, listOrNull, type Fields } from './schema.ts';

const scalars = {
  bool: fc.boolean(),
  int8: fc.integer({ min: -128, max: 127 }),
  int16: fc.integer({ min: -32768, max: 32767 }),
  int32: fc.integer(),
  int64: fc.maxSafeInteger(),
  uuid: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  string: fc.string(),
  'string?': fc.option(fc.string()),
  bytes: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  'bytes?': fc.option(fc.uint8Array().map((bytes) => Buffer.from(bytes))),
  'records?': fc.option(fc.uint8Array().map((bytes) => Buffer.from(bytes))),
};

/** Any message of the fields; what the version lacks has its default. */
function messages(fields: Fields, version: number): fc.Arbitrary<Record<string, unknown>> {
  const parts = Object.entries(fields).map(([name, field]) => {
    if (version < (field.from ?? 0) || version > (field.to ?? Infinity))
      return [name, fc.constant(field.default)];
    if (field.kind === 'scalar') return [name, scalars[field.type]];
    const { element } = field;
    const one = typeof element === 'string' ? scalars[element] : messages(element, version);
    const many = fc.array(one as fc.Arbitrary<unknown>, { maxLength: 3 });
    return [name, field.nullable ? fc.option(many) : many];
  });
  return fc.record(Object.fromEntries(parts) as Record<string, fc.Arbitrary<unknown>>);
}

function written(fields: Fields, value: unknown, form: { version: number; flexible: boolean }): Buffer {
  const writer = new ByteWriter(1);
  encode(fields, value as never, { writer, ...form });
  const { byteLength } = writer;
  const bytes = Buffer.concat(writer.finish());
  expect(bytes.length).toBe(byteLength);
  return bytes;
}

describe('the codec', () => {
  for (const { api } of handlers.values()) {
    it(`reads what it wrote of ${api.name}, in all versions, to the last byte`, () => {
      for (let version = api.versions[0]; version <= api.versions[1]; version++) {
        const form = { version, flexible: isFlexible(api, version) };
        for (const fields of [api.request, api.response]) {
          fc.assert(
            fc.property(messages(fields, version), (message) => {
              const reader = new ByteReader(written(fields, message, form));
              expect(decode(fields, reader, form)).toEqual({ ...message });
              expect(reader.left).toBe(0);
            }),
            { numRuns: 5 },
          );
        }
      }
    });
  }

  it('passes over tagged fields that it does not know', () => {
    const fields = { name: f('string') };
    const bytes = Buffer.from([2, 0x61, 2, 0, 1, 0xff, 9, 2, 0xff, 0xff]);
    expect(decode(fields, new ByteReader(bytes), { version: 0, flexible: true })).toEqual({ name: 'a' });
  });

  it('takes record bytes over without copying them', () => {
    const records = [Buffer.from('first'), Buffer.from('second')];
    const writer = new ByteWriter();
    encode({ records: f('records?') }, { records }, { writer, version: 0, flexible: false });
    const pieces = writer.finish();
    expect(pieces.slice(1)).toEqual(records);
    expect(pieces[1]!.buffer).toBe(records[0]!.buffer);
    expect(pieces[0]!.readInt32BE(0)).toBe(11);
  });

  it('refuses nulls where there must be a value, and lengths that do not fit', () => {
    const form = { version: 0, flexible: false };
    const read = (fields: Fields, bytes: number[]) => () =>
      decode(fields, new ByteReader(Buffer.from(bytes)), form);
    expect(read({ name: f('string') }, [0xff, 0xff])).toThrow(/is null/);
    expect(read({ name: f('string') }, [0, 5, 1])).toThrow(/does not fit/);
    expect(read({ name: f('string') }, [0x80, 0])).toThrow(/does not fit/);
    expect(read({ items: list('int8') }, [0x7f, 0xff, 0xff, 0xff])).toThrow(/does not fit/);
    expect(read({ items: listOrNull('int8') }, [0xff, 0xff, 0xff, 0xff])()).toEqual({ items: null });
  });

  it('refuses more list elements than a request may have, and varints without an end', () => {
    const count = Buffer.alloc(4);
    count.writeInt32BE(MAX_REQUEST_ELEMENTS + 1);
    const reader = new ByteReader(Buffer.concat([count, Buffer.alloc(MAX_REQUEST_ELEMENTS + 1)]));
    expect(() => reader.listLength(false)).toThrow(/list of 1000001/);
    expect(() => new ByteReader(Buffer.alloc(9, 0xff)).unsignedVarint()).toThrow(/longer than five bytes/);
  });
});
