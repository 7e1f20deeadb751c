import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeRecord, encodeRecord, type RegistryRecord, type SchemaValue } from './records.ts';
import { RegistryState } from './registry-state.ts';

const schema = (
  subject: string,
  version: number,
  id: number,
  more: Partial<SchemaValue> = {},
): RegistryRecord => ({
  keytype: 'SCHEMA',
  subject,
  version,
  value: { subject, version, id, schema: `"schema ${id}"`, deleted: false, ...more },
});
const tombstone = (subject: string, version: number): RegistryRecord => ({
  keytype: 'SCHEMA',
  subject,
  version,
  value: null,
});

function stateOf(records: readonly RegistryRecord[]): RegistryState {
  const state = new RegistryState();
  for (const record of records) state.apply(record);
  return state;
}

/** What a compacted topic keeps: the last record of each key, in the order of the log; tombstones go in the end. */
function compacted(records: readonly RegistryRecord[]): RegistryRecord[] {
  const keyOf = (record: RegistryRecord) => encodeRecord(record).key.toString();
  const last = new Map(records.map((record, index) => [keyOf(record), index]));
  return records.filter((record, index) => last.get(keyOf(record)) === index && record.value !== null);
}

describe('RegistryState', () => {
  it('knows a schema by subject and by id, under as many subjects as have it', () => {
    const state = stateOf([schema('a', 1, 1), schema('b', 1, 1), schema('a', 2, 2)]);
    expect(state.subjects()).toEqual(['a', 'b']);
    expect(state.versions('a').map(({ version }) => version)).toEqual([1, 2]);
    expect([...(state.schema(1)?.uses ?? [])].map(({ subject }) => subject)).toEqual(['a', 'b']);
  });

  it('hides what is soft-deleted, and forgets what is deleted for good', () => {
    const state = stateOf([
      schema('a', 1, 1),
      schema('a', 2, 2),
      { keytype: 'DELETE_SUBJECT', subject: 'a', value: { subject: 'a', version: 2 } },
    ]);
    expect(state.subjects()).toEqual([]);
    expect(state.subjects({ deletedOnly: true })).toEqual(['a']);
    expect(state.schema(1)).toBeDefined();
    state.apply(tombstone('a', 1));
    expect(state.schema(1)).toBeUndefined();
    expect(state.versions('a', { deleted: true }).map(({ version }) => version)).toEqual([2]);
  });

  it('does not give an id again after the schema that had it is gone and the topic is compacted', () => {
    const records: RegistryRecord[] = [
      schema('a', 1, 1),
      schema('b', 1, 2),
      { keytype: 'NOOP', value: { maxId: 2 } },
      tombstone('b', 1),
    ];
    expect(stateOf(compacted(records)).maxId).toBe(2);
  });

  it('keeps track of who refers to whom', () => {
    const references = [{ name: 'n.Item', subject: 'items', version: 1 }];
    const state = stateOf([schema('items', 1, 1), schema('orders', 1, 2, { references })]);
    expect(state.referrers('items', 1, false).map(({ subject }) => subject)).toEqual(['orders']);
    state.apply(schema('orders', 1, 2, { references, deleted: true }));
    expect(state.referrers('items', 1, false)).toEqual([]);
    expect(state.referrers('items', 1, true)).toHaveLength(1);
    state.apply(tombstone('orders', 1));
    expect(state.referrers('items', 1, true)).toEqual([]);
  });

  it('takes settings of a subject before those of all, but for READONLY_OVERRIDE', () => {
    const state = stateOf([
      { keytype: 'CONFIG', subject: null, value: { compatibilityLevel: 'FULL' } },
      { keytype: 'CONFIG', subject: 'a', value: { compatibilityLevel: 'NONE' } },
      { keytype: 'MODE', subject: 'a', value: { mode: 'IMPORT' } },
    ]);
    expect(state.configInScope('a').compatibilityLevel).toBe('NONE');
    expect(state.configInScope('b').compatibilityLevel).toBe('FULL');
    expect(state.modeInScope('a')).toBe('IMPORT');
    state.apply({ keytype: 'MODE', subject: null, value: { mode: 'READONLY_OVERRIDE' } });
    expect(state.modeInScope('a')).toBe('READONLY_OVERRIDE');
    state.apply({ keytype: 'CONFIG', subject: 'a', value: null });
    expect(state.configInScope('a').compatibilityLevel).toBe('FULL');
  });

  it('is the same from a log and from what compaction leaves of it', () => {
    const subject = fc.constantFrom('a', 'b');
    const version = fc.integer({ min: 1, max: 3 });
    const record = fc.oneof(
      fc.tuple(subject, version, fc.boolean()).map(([s, v, deleted]) =>
        // An id belongs to one text: derive it from the place.
        schema(s, v, v + (s === 'a' ? 0 : 10), { deleted }),
      ),
      fc.tuple(subject, version).map(([s, v]) => tombstone(s, v)),
      subject.map((s): RegistryRecord => ({
        keytype: 'CONFIG',
        subject: s,
        value: { compatibilityLevel: 'FULL' },
      })),
      subject.map((s): RegistryRecord => ({ keytype: 'CONFIG', subject: s, value: null })),
    );
    fc.assert(
      fc.property(fc.array(record, { maxLength: 30 }), (records) => {
        const view = (state: RegistryState) =>
          ['a', 'b'].map((s) => [
            state
              .versions(s, { deleted: true })
              .map(({ version: v, schema: { id }, deleted }) => [v, id, deleted]),
            state.config(s),
          ]);
        expect(view(stateOf(compacted(records)))).toEqual(view(stateOf(records)));
      }),
    );
  });
});

describe('records of the topic', () => {
  it('are read back as they were written', () => {
    const records: RegistryRecord[] = [
      schema('a', 1, 1, { references: [{ name: 'n', subject: 's', version: 1 }], schemaType: 'AVRO' }),
      tombstone('a', 1),
      { keytype: 'CONFIG', subject: null, value: { compatibilityLevel: 'FULL' } },
      { keytype: 'MODE', subject: 'ä', value: { subject: 'ä', mode: 'READONLY' } },
      { keytype: 'DELETE_SUBJECT', subject: 'a', value: { subject: 'a', version: 3 } },
      { keytype: 'NOOP', value: null },
    ];
    expect(records.map((record) => decodeRecord(encodeRecord(record)))).toEqual(records);
  });

  it('have the keys that Confluent’s registry writes', () => {
    const keys = [schema('s', 1, 1), { keytype: 'CONFIG', subject: 's', value: null } as const];
    expect(keys.map((record) => encodeRecord(record).key.toString())).toEqual([
      '{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}',
      '{"keytype":"CONFIG","subject":"s","magic":0}',
    ]);
  });

  it('are read as Confluent’s registry writes them, fields that are not known here included', () => {
    const log = [
      ['{"keytype":"NOOP","magic":0}', null],
      ['{"keytype":"CONFIG","subject":null,"magic":0}', '{"compatibilityLevel":"FULL_TRANSITIVE"}'],
      [
        '{"keytype":"CONFIG","magic":0}',
        '{"normalize":true,"compatibilityLevel":"FULL","validateFields":false}',
      ],
      [
        '{"keytype":"SCHEMA","subject":"orders-value","version":1,"magic":1}',
        '{"subject":"orders-value","version":1,"id":7,"md5":"AA==","schema":"\\"int\\"","deleted":false,"ts":1,"guid":"x"}',
      ],
      [
        '{"keytype":"SCHEMA","subject":"p","version":1,"magic":1}',
        '{"subject":"p","version":1,"id":8,"schemaType":"PROTOBUF","schema":"message A {}","deleted":true}',
      ],
      [
        '{"keytype":"CONTEXT","tenant":"default","context":".c","magic":0}',
        '{"tenant":"default","context":".c"}',
      ],
      [
        '{"keytype":"DELETE_SUBJECT","subject":"orders-value","magic":0}',
        '{"subject":"orders-value","version":1}',
      ],
    ].map(([key, value]) => ({
      key: Buffer.from(key as string),
      value: value == null ? null : Buffer.from(value),
    }));
    const state = stateOf(log.map(decodeRecord).filter((record) => record !== undefined));
    expect(state.configInScope('any')).toEqual({ compatibilityLevel: 'FULL', normalize: true });
    expect(state.schema(7)?.text).toBe('"int"');
    expect(state.schema(8)?.schemaType).toBe('PROTOBUF');
    expect(state.subjects({ deletedOnly: true })).toEqual(['orders-value', 'p']);
    expect(state.maxId).toBe(8);
  });

  it('are passed over where they are not a registry’s', () => {
    const value = Buffer.from('{}');
    for (const key of [
      '',
      'x',
      '[]',
      '1',
      '{"keytype":"OTHER"}',
      '{"keytype":"SCHEMA","subject":1,"version":1}',
    ]) {
      expect(decodeRecord({ key: Buffer.from(key), value })).toBeUndefined();
    }
    const key = encodeRecord(tombstone('a', 1)).key;
    expect(decodeRecord({ key, value: Buffer.from('{"subject":"a"}') })).toBeUndefined();
  });
});
