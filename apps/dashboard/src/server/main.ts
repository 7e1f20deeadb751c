import { buildWeb } from './build-web.ts';
import { readConfig } from './config.ts';
import { run } from './run.ts';

const log = (line: string) => console.log(`dashboard: ${line}`);

if (process.argv.includes('--help')) {
  console.log(`usage: npx nx serve dashboard

Serves the screens and their API at http://127.0.0.1:4200.
Environment: PORT, HOST, KAFKA_BROKERS, SCHEMA_REGISTRY_URL, STORAGE_URL, MILLRACE_DIR, ACCESS_LOG,
ACCESS_LOG_MAX_BYTES, LIVE_MAX_CLIENTS; README.md says what each does.`);
  process.exit(0);
}

try {
  const config = readConfig(process.env);
  await buildWeb({ ifStale: true, log });
  const dashboard = await run(config, { log });
  log(dashboard.url);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void dashboard.stop().then(() => process.exit(0)));
  }
} catch (error) {
  console.error(`dashboard: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
