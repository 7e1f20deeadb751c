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
  const json = table.columns.filter(({ type }) => type === 'json').map(({ name }) => name);
  const upserts: Row[] = [];
  const removals: Row[] = [];
  for (const [key, { value }] of last) {
    if (value === null) removals.push(keyRow(key, table));
    else upserts.push(withJson(await decode(value), json));
  }
  return { upserts, removals };
}

/** JSON travels as text in Avro; a store that knows JSON is to get it as what it is. */
function withJson(row: Row, names: readonly string[]): Row {
  if (names.length === 0) return row;
  const parsed: Record<string, unknown> = { ...row };
  for (const name of names) {
    if (typeof row[name] === 'string') parsed[name] = JSON.parse(row[name]);
  }
  return parsed;
}

function keyRow(key: string, table: Table): Row {
  const values = JSON.parse(key) as Row[string][];
  const names = table.time === undefined ? table.key : [...table.key, table.time];
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? null]));
}
