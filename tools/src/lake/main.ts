/** `npm run lake -- "SQL"`: one question in SQL to the lake's files; every topic is a table of its name. */
import { join } from 'node:path';
import { StorageError, openLake, openLakeQuery } from '@millrace/storage';
import { formatTable } from './format-table.ts';

const help = `usage: npm run lake -- "SQL" [--json]
       npm run lake -- --topics

  Topics are tables, named as they are: SELECT count(*) FROM "web-logs.logs". Beside an event's own columns there are
  kafka_partition, kafka_offset, event_date and event_hour. The SQL is DuckDB's.

  LAKE_URL is where the lake is: file:FOLDER or s3://BUCKET/PREFIX (default file:.millrace/lake).
`;

async function main(words: readonly string[]): Promise<number> {
  const flags = words.filter((word) => word.startsWith('--'));
  const [sql, ...more] = words.filter((word) => !word.startsWith('--'));
  if (flags.includes('--help')) {
    process.stdout.write(help);
    return 0;
  }
  const wantsTopics = flags.includes('--topics');
  if ((sql === undefined && !wantsTopics) || more.length > 0) {
    process.stderr.write(help);
    return 2;
  }
  const dir = process.env['MILLRACE_DIR'] ?? '.millrace';
  const lake = await openLake(process.env['LAKE_URL'] ?? `file:${join(dir, 'lake')}`);
  try {
    if (sql === undefined) {
      for (const topic of await lake.topics()) {
        const files = await lake.files(topic);
        console.log(
          `${topic}: ${files.reduce((sum, file) => sum + file.rows, 0)} events in ${files.length} files`,
        );
      }
      return 0;
    }
    const query = await openLakeQuery(lake, { cacheDir: join(dir, 'lake-cache'), sql });
    try {
      const { columns, rows } = await query.query(sql);
      console.log(flags.includes('--json') ? asJson(columns, rows) : formatTable(columns, rows));
    } finally {
      query.close();
    }
    return 0;
  } finally {
    await lake.close();
  }
}

function asJson(columns: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const objects = rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]])));
  return JSON.stringify(objects, (_name, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof StorageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
