import type { Row, Table } from '@millrace/storage';

export interface ResultRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/**
 * What a batch of a results topic comes to: of several records with one key the last counts; a record without a value (a
 * session that was merged into another) removes its row. Keys are JSON arrays: the key columns' values and the window's start.
 */
export async function resultRows(
  records: readonly ResultRecord[],
  table: Table,
  decode: (value: Buffer) => Promise<Row>,
): Promise<{ upserts: Row[]; removals: Row[] }> {
  const last = new Map<string, ResultRecord>();
  for (const record of records) {
    const key = record.key?.toString('utf8') ?? '';
    last.delete(key); // so that the last one also comes last
    last.set(key, record);
  }
  const upserts: Row[] = [];
  const removals: Row[] = [];
  for (const [key, { value }] of last) {
    if (value === null) removals.push(keyRow(key, table));
    else upserts.push(await decode(value));
  }
  return { upserts, removals };
}

function keyRow(key: string, table: Table): Row {
  const values = JSON.parse(key) as Row[string][];
  const names = table.time === undefined ? table.key : [...table.key, table.time];
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? null]));
}
