import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { openLake } from '../src/index.ts';
import { columns, events } from './lake-tests.ts';
import { digestOf, fileOf, parquetCases } from './parquet-cases.ts';

const python = process.env['MILLRACE_TEST_PYTHON'];
const withPython = python === undefined ? describe.skip : describe;
const folder = mkdtempSync(join(tmpdir(), 'millrace-pyarrow-'));
afterAll(() => rmSync(folder, { recursive: true }));

const script = `
import json, sys
import pyarrow.dataset as ds
import pyarrow.parquet as pq
table = ds.dataset(sys.argv[1], partitioning="hive").to_table().sort_by("kafka_offset")
first = ds.dataset(sys.argv[1]).files[0]
statistics = pq.ParquetFile(first).metadata.row_group(0).column(0).statistics
print(json.dumps({
  "rows": table.num_rows,
  "schema": {field.name: str(field.type) for field in table.schema},
  "second": {key: str(value) for key, value in table.slice(1, 1).to_pylist()[0].items()},
  "statistics": [str(statistics.min), str(statistics.max), statistics.null_count],
}))
`;

/** Prints of each file its rows and a digest of each column, as `digestOf` makes them. */
const digests = `
import hashlib, json, struct, sys
import pyarrow.parquet as pq
def line(value):
  if value is None: return "n"
  if isinstance(value, bool): return "true" if value else "false"
  if isinstance(value, float): return struct.pack(">d", value).hex()
  return str(value)
def digest(column):
  return hashlib.sha256("".join(line(value) + "\\n" for value in column.to_pylist()).encode()).hexdigest()
for path in sys.argv[1:]:
  table = pq.read_table(path)
  print(json.dumps([table.num_rows, [digest(column) for column in table.columns]]))
`;

withPython('PyArrow', () => {
  it('reads whatever a file may hold, cell by cell', async () => {
    const paths: string[] = [];
    for (const [index, one] of parquetCases.entries()) {
      paths.push(join(folder, `case-${index}.parquet`));
      writeFileSync(paths[index]!, await fileOf(one));
    }
    const output = execFileSync(python as string, ['-c', digests, ...paths], { encoding: 'utf8' });
    const found = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    const expected = parquetCases.map(({ columns, rows }) => [
      rows.length,
      columns.map((column) => digestOf(column, rows)),
    ]);
    expect(parquetCases.map(({ what }, index) => [what, found[index]])).toEqual(
      parquetCases.map(({ what }, index) => [what, expected[index]]),
    );
  }, 60_000);

  it('reads the files of a lake with their types, statistics and folders', async () => {
    const lake = await openLake(`file:${folder}`);
    const nulls = events(0, 3).map((event) => ({ ...event, row: { at: event.timeMs, page: '🐢' } }));
    await lake.appendFile({
      topic: 'clicks',
      partition: 0,
      columns,
      firstOffset: 0,
      nextOffset: 3,
      rows: nulls,
    });
    await lake.appendFile({
      topic: 'clicks',
      partition: 0,
      columns,
      firstOffset: 3,
      nextOffset: 9,
      rows: events(3, 9),
    });
    const output = execFileSync(python as string, ['-c', script, join(folder, 'clicks')], {
      encoding: 'utf8',
    });
    expect(JSON.parse(output)).toEqual({
      rows: 9,
      schema: {
        at: 'timestamp[ms, tz=UTC]',
        page: 'string',
        bytes: 'int64',
        ms: 'double',
        ok: 'bool',
        tags: 'string',
        kafka_partition: 'int64',
        kafka_offset: 'int64',
        event_date: 'string',
        event_hour: 'int32',
      },
      second: {
        at: '2026-11-22 08:00:01+00:00',
        page: '🐢',
        bytes: 'None',
        ms: 'None',
        ok: 'None',
        tags: 'None',
        kafka_partition: '0',
        kafka_offset: '1',
        event_date: '2026-11-22',
        event_hour: '8',
      },
      statistics: ['2026-11-22 08:00:00+00:00', '2026-11-22 08:00:02+00:00', 0],
    });
  });
});
