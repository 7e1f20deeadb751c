/** `npm run batch -- PIPELINE --day D`: a day's results computed again from the lake, and compared with those that are stored. */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { pipelines } from '@millrace/pipelines';
import { readConfig } from '@millrace/processor';
import { openLake } from '@millrace/storage';
import { runBatch } from './run-batch.ts';

const help = `usage: npm run batch -- PIPELINE --day YYYY-MM-DD [--rows VIEW]

  Computes the results of a day (event time, UTC) from the raw events in the lake by the pipeline's own definition, and
  compares every column with what is stored. Ends with status 0 if all are equal, 1 if not.

  --rows VIEW   print the recomputed rows of a view instead, one JSON object a line

  The batch sees what came late too: a window that was final before an event came differs from it by that event.
  LAKE_URL, STORAGE_URL and what else .env.example names say where the lake and the stores are.

pipelines: ${pipelines.map(({ name }) => name).join(', ')}
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { day: { type: 'string' }, rows: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  const definition = pipelines.find(({ name }) => name === positionals[0]);
  const fromMs = /^\d{4}-\d\d-\d\d$/.test(values.day ?? '') ? Date.parse(`${values.day}T00:00:00Z`) : NaN;
  if (definition === undefined || positionals.length !== 1 || Number.isNaN(fromMs)) {
    process.stderr.write(help);
    return 2;
  }
  process.chdir(process.env['INIT_CWD'] ?? process.cwd());
  if (existsSync('.env')) process.loadEnvFile('.env');
  const { stores, lake: at } = readConfig(process.env);
  if (at === undefined) throw new Error('LAKE_URL is "off": there are no raw events to compute from.');
  const { url, credentials } = at;
  const lake = await openLake(url, credentials === undefined ? {} : { credentials });
  try {
    return await runBatch({
      definition,
      lake,
      stores,
      span: { fromMs, toMs: fromMs + 86_400_000 },
      nowMs: Date.now(),
      print: (line) => console.log(line),
      ...(values.rows === undefined ? {} : { rowsOf: values.rows }),
    });
  } finally {
    await lake.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
