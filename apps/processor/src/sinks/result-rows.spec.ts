import { describe, expect, it } from '@jest/globals';
import type { Row, Table } from '@millrace/storage';
import { resultRows } from './result-rows.ts';

const table: Table = {
  name: 'requests_by_path',
  columns: [
    { name: 'path', type: 'string', nullable: false },
    { name: 'windowStart', type: 'timestamp', nullable: false },
    { name: 'requests', type: 'long', nullable: true },
    { name: 'top', type: 'json', nullable: true },
  ],
  key: ['path'],
  time: 'windowStart',
};
const decode = async (value: Buffer) => JSON.parse(value.toString()) as Row;
const record = (key: unknown[], value: Row | null) => ({
  key: Buffer.from(JSON.stringify(key)),
  value: value === null ? null : Buffer.from(JSON.stringify(value)),
});

describe('resultRows', () => {
  it('keeps the last of several records of one key', async () => {
    const rows = await resultRows(
      [
        record(['/', 0], { requests: 1 }),
        record(['/a', 0], { requests: 5 }),
        record(['/', 0], { requests: 2 }),
      ],
      table,
      decode,
    );
    expect(rows).toEqual({ upserts: [{ requests: 5 }, { requests: 2 }], removals: [] });
  });

  it('removes the row of a key whose last record has no value', async () => {
    const rows = await resultRows(
      [record(['/', 10_000], { requests: 1 }), record(['/', 10_000], null)],
      table,
      decode,
    );
    expect(rows).toEqual({ upserts: [], removals: [{ path: '/', windowStart: 10_000 }] });
  });

  it('hands JSON columns on as what their text says', async () => {
    const value = { path: '/', windowStart: 0, requests: 1, top: '[{"value":"/","count":1}]' };
    const { upserts } = await resultRows([record(['/', 0], value)], table, decode);
    expect(upserts).toEqual([{ ...value, top: [{ value: '/', count: 1 }] }]);
  });
});
