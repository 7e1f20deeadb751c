import { existsSync } from 'node:fs';

/** What a variable switches on, and what to do to have it. */
const suites: Record<string, string> = {
  MILLRACE_TEST_KAFKA_BROKERS:
    'suites on Apache Kafka: npm run services, then eval "$(npm run -s services -- env)"',
  MILLRACE_TEST_REGISTRY_URL: 'suites on a real schema registry: likewise',
  MILLRACE_TEST_CASSANDRA: 'suites on Cassandra: likewise',
  MILLRACE_TEST_REDIS_URL: 'suites on Redis: likewise',
  MILLRACE_TEST_POSTGRES_URL: 'suites on Postgres: likewise',
  MILLRACE_TEST_S3_ENDPOINT: 'suites on an S3 server: likewise',
  MILLRACE_TEST_KAFKA_LIBS: 'suites with the Apache Java client: likewise',
  MILLRACE_TEST_AVRO_LIBS: 'Avro interoperability with Java: likewise',
  MILLRACE_TEST_PYTHON: 'suites that read our files from Python: likewise',
  MILLRACE_TEST_KCAT: 'suites with librdkafka: set it to the path of kcat',
  MILLRACE_CONFORMANCE: 'cases of other engines: set it to the folder that holds them',
};

const chromiumPaths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Which suites this run leaves out, one line each with the way to have them, and the variables found for the others. */
export function leftOut(env: NodeJS.ProcessEnv): { lines: string[]; env: Record<string, string> } {
  const lines = Object.entries(suites)
    .filter(([name]) => !env[name])
    .map(([name, text]) => `${text} (${name} is not set)`);
  const chromium = env.MILLRACE_TEST_CHROMIUM ?? chromiumPaths.find((path) => existsSync(path));
  if (chromium === undefined) {
    lines.push('browser tests: no Chromium found (install it, or set MILLRACE_TEST_CHROMIUM to its path)');
    return { lines, env: {} };
  }
  return { lines, env: { MILLRACE_TEST_CHROMIUM: chromium } };
}
