/** `nx serve producer`: reads the environment (and `--file`, `--simulate`) and runs until Ctrl-C. */
import { z } from 'zod';
import { readConfig } from './config.ts';
import { run } from './run.ts';
import { replayPause } from './sources/replay/pause.ts';

if (process.argv.includes('--help')) {
  console.log(`usage: npx nx serve producer [--file PATH ...] [--simulate N] [--replay PATH [--mapping PATH] [--speed N] [--shift-to-now]]

  --file PATH    follow this access log (common or combined format) instead of the dashboard's; also several
  --simulate N   add N generated lines a second (default 2, or 0 with --file)
  --replay PATH  send the rows of this CSV, JSON, JSON lines or Parquet file to the pipeline weather-energy, instead of the
                 modelled households; a new start goes on behind the last row sent
  --mapping PATH how its columns become fields (default: mappings/smart-home-with-weather.json)
  --speed N      1: with the gaps that the rows have; 60: a minute in a second; max (default): as fast as possible
  --shift-to-now move all times by whole days: the last row (at speed 1 the first) as near to now as it gets
                 SIGUSR2 pauses a replay, and lets it go on

PIPELINES, KAFKA_BROKERS, SCHEMA_REGISTRY_URL and what else .env.example names configure the rest.`);
  process.exit(0);
}

try {
  const config = readConfig(process.env, process.argv.slice(2));
  const producer = await run(config, (line) => console.log(`producer: ${line}`));
  let stopping = false;
  process.on('SIGUSR2', () => {
    replayPause.set(!replayPause.isPaused);
    console.log(`producer: replay ${replayPause.isPaused ? 'pauses; SIGUSR2 lets it go on' : 'goes on'}`);
  });
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stopping) process.exit(130);
      stopping = true;
      void producer.stop().then(() => process.exit(0));
    });
  }
} catch (error) {
  console.error(
    `producer: ${error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message}`,
  );
  process.exit(1);
}
