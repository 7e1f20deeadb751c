/** `nx serve producer`: reads the environment (and `--file`, `--simulate`) and runs until Ctrl-C. */
import { z } from 'zod';
import { readConfig } from './config.ts';
import { run } from './run.ts';

if (process.argv.includes('--help')) {
  console.log(`usage: npx nx serve producer [--file PATH ...] [--simulate N]

  --file PATH    follow this access log (common or combined format) instead of the dashboard's; also several
  --simulate N   add N generated lines a second (default 2, or 0 with --file)

PIPELINES, KAFKA_BROKERS, SCHEMA_REGISTRY_URL and what else .env.example names configure the rest.`);
  process.exit(0);
}

try {
  const config = readConfig(process.env, process.argv.slice(2));
  const producer = await run(config, (line) => console.log(`producer: ${line}`));
  let stopping = false;
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
