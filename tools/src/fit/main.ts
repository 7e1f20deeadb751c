/** `npm run fit -- weather-energy`: fits a pipeline's model to the history in the lake. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { fitForecast, forecastErrors, type ForecastModel, weatherEnergy } from '@millrace/pipelines';
import { readConfig } from '@millrace/processor';
import { openLake, type Row } from '@millrace/storage';
import { recompute } from '../batch/recompute.ts';

const modelPath = 'libs/pipelines/src/weather-energy/forecast-model.json';
/** Of the history, behind what a trial model is fitted on. */
const HELD_BACK = 0.25;

const help = `usage: npm run fit -- weather-energy [--from YYYY-MM-DD] [--to YYYY-MM-DD] [--utc-offset HOURS] [--out PATH]

  Computes the hourly energy of the raw events in the lake by the pipeline's own definition, fits the forecast to the first
  three quarters of it, and tries that on the last quarter beside yesterday's same hour. If the forecast is better, the
  model is fitted to all of it and written, its version one higher; if not, nothing is written and the status is 1.

  --utc-offset HOURS   the households' clock (default: that of the model now)
  --out PATH           where it is written (default: ${modelPath})

  LAKE_URL and what else .env.example names say where the lake is. A pipeline takes the model at its next start.
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      from: { type: 'string' },
      to: { type: 'string' },
      'utc-offset': { type: 'string' },
      out: { type: 'string', default: modelPath },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true || positionals[0] !== weatherEnergy.name) {
    process.stdout.write(help);
    return values.help === true ? 0 : 2;
  }
  process.chdir(process.env['INIT_CWD'] ?? process.cwd());
  if (existsSync('.env')) process.loadEnvFile('.env');
  const before = JSON.parse(await readFile(modelPath, 'utf8')) as ForecastModel;
  const options = {
    version: before.version + 1,
    utcOffsetHours: Number(values['utc-offset'] ?? before.utcOffsetHours),
  };
  const hours = await history(Date.parse(values.from ?? '1970-01-01'), Date.parse(values.to ?? '9999-01-01'));
  const split = Math.floor(hours.length * (1 - HELD_BACK));
  const errors = forecastErrors(fitForecast(hours.slice(0, split), options), hours.slice(split));
  console.log(
    `${hours.length} hours; on the last ${hours.length - split}, held back, the forecast is off by ${errors.forecastKwh.toFixed(3)} kWh on average, and yesterday's same hour by ${errors.naiveKwh.toFixed(3)} kWh`,
  );
  if (errors.forecastKwh >= errors.naiveKwh) {
    console.error('The forecast is no better than yesterday’s same hour: nothing was written.');
    return 1;
  }
  await writeFile(values.out, `${JSON.stringify(fitForecast(hours, options), null, 2)}\n`);
  console.log(`version ${options.version} of the model is in ${values.out}`);
  return 0;
}

/** Rows of the view `day_before` by time. */
async function history(fromMs: number, toMs: number): Promise<Row[]> {
  const { lake: at } = readConfig(process.env);
  if (at === undefined) throw new Error('LAKE_URL is "off": there is no history to fit to.');
  const lake = await openLake(at.url, at.credentials === undefined ? {} : { credentials: at.credentials });
  try {
    const { rows } = await recompute(weatherEnergy, { lake, span: { fromMs, toMs }, nowMs: Date.now() });
    return (rows.get('day_before') ?? []).toSorted((a, b) => Number(a['hour']) - Number(b['hour']));
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
