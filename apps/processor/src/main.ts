/** `nx serve processor`: reads the environment and runs until Ctrl-C. */
import { z } from 'zod';
import { readConfig } from './config.ts';
import { run } from './run.ts';

if (process.argv.includes('--help')) {
  console.log(`usage: npx nx serve processor

Runs every pipeline and writes their results to the store; /health and /metrics at PROCESSOR_PORT (4202).
KAFKA_BROKERS, SCHEMA_REGISTRY_URL, STORAGE_URL and what else .env.example names configure it.
STATE_DIR keeps checkpoints of state (.millrace/state; off: none), STANDBYS=N copies of it on other processors.
WORKERS=N counts each pipeline on N threads (1); more processes, each with its own INSTANCE_ID, share the same work.
QUERY_VIEWS=PIPELINE.VIEW,... answers GET /queries/PIPELINE/VIEW?key={"COLUMN":VALUE}&fromMs&toMs&limit from open windows; QUERY_URL, where
other processors reach it, lets each of them answer for all.`);
  process.exit(0);
}

try {
  const processor = await run(readConfig(process.env), (line) => console.log(`processor: ${line}`));
  console.log(`processor: running; ${processor.url}/metrics`);
  let stopping = false;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stopping) process.exit(130);
      stopping = true;
      void processor.stop().then(() => process.exit(0));
    });
  }
} catch (error) {
  console.error(
    `processor: ${error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message}`,
  );
  process.exit(1);
}
