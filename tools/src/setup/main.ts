/** `npm run setup -- PIPELINE`: topics, schemas and tables of a pipeline. */
import { existsSync, mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { waitForKafka } from '@millrace/kafka-admin';
import { pipelines, selectPipelines } from '@millrace/pipelines';
import { readConfig } from '@millrace/processor';
import { servicesEnvironment } from '../start/services-environment.ts';
import { setUp } from './set-up.ts';

const help = `usage: npm run setup -- PIPELINE ...

  Makes the topics (with partitions and retention), registers the schemas and makes the tables of pipelines, and says what it
  made. What is there stays as it is. For brokers and stores on which the apps may make nothing by themselves.

  KAFKA_BROKERS, SCHEMA_REGISTRY_URL, STORAGE_URL, TOPIC_PARTITIONS and what else .env.example names say where and how;
  MILLRACE_PROFILE=services takes those of "npm run services".

pipelines: ${pipelines.map(({ name }) => name).join(', ')}
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean' } },
  });
  if (values.help === true || positionals.length === 0) {
    (values.help === true ? process.stdout : process.stderr).write(help);
    return values.help === true ? 0 : 2;
  }
  process.chdir(process.env['INIT_CWD'] ?? process.cwd());
  if (existsSync('.env')) process.loadEnvFile('.env');
  mkdirSync(process.env['MILLRACE_DIR'] ?? '.millrace', { recursive: true });
  const definitions = selectPipelines(positionals.join(','));
  const isServices = process.env['MILLRACE_PROFILE'] === 'services';
  const config = readConfig(
    isServices ? { ...process.env, ...servicesEnvironment(process.env) } : process.env,
  );
  const { admin } = await waitForKafka({
    brokers: config.brokers,
    clientId: 'millrace-setup',
    log: (line) => console.error(line),
    signal: AbortSignal.timeout(60_000),
  });
  try {
    for (const definition of definitions)
      await setUp({ definition, config, admin, print: (line) => console.log(`${definition.name}: ${line}`) });
  } finally {
    await admin.disconnect();
  }
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
