/** `nx serve producer`: reads the environment (and `--file`, `--simulate`) and runs until Ctrl-C. */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { readConfig } from './config.ts';
import { run } from './run.ts';

const { values } = parseArgs({
  options: {
    file: { type: 'string', multiple: true },
    simulate: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  console.log(`usage: npx nx serve producer [--file PATH ...] [--simulate N]

  --file PATH    follow this access log (common or combined format), also several
  --simulate N   add N generated lines a second (default 2; 0: none)

KAFKA_BROKERS, SCHEMA_REGISTRY_URL and what else .env.example names configure the rest.`);
  process.exit(0);
}

try {
  const fromEnv = readConfig({
    ...process.env,
    ...(values.simulate !== undefined && { SIMULATE_LINES_PER_SECOND: values.simulate }),
  });
  const config = values.file === undefined ? fromEnv : { ...fromEnv, files: values.file };
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
