import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from './paths.ts';
import { requireJava } from './fetch/java.ts';
import { fetchFile } from './fetch/maven.ts';
import { once } from './fetch/once.ts';
import { run } from './fetch/run.ts';
import { answers } from './health.ts';
import type { Service } from './service.ts';

const version = '3.0.9';
const port = 18081;
const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
const runner = `apicurio-registry-app-${version}-runner.jar`;

async function fetchRegistry(): Promise<string> {
  const archive = await fetchFile(`apicurio-${version}`, {
    group: 'io.apicurio',
    name: 'apicurio-registry-app',
    version,
    type: 'tar.gz',
    classifier: 'all',
  });
  const dir = join(cacheDir(), `apicurio-${version}-app`);
  await once(dir, async (unfinished) => {
    const [file] = readdirSync(archive);
    await run('tar', ['xzf', join(archive, file as string), '-C', unfinished]);
  });
  return existsSync(join(dir, runner)) ? dir : join(dir, readdirSync(dir)[0] as string);
}

/** Apicurio, which speaks the Confluent registry API; its schemas are kept in a file, as their ids are written into topics. */
export const registry: Service = {
  name: 'registry',
  title: `Apicurio Registry ${version}`,
  port,
  url,
  testEnv: { MILLRACE_TEST_REGISTRY_URL: url },
  appEnv: { SCHEMA_REGISTRY_URL: url },
  startTimeoutMs: 90_000,
  fetch: async () => {
    await requireJava();
    await fetchRegistry();
  },
  prepare: async (dir) => {
    const app = await fetchRegistry();
    return {
      file: 'java',
      args: [
        ...['-Xms64m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Djava.awt.headless=true'],
        `-Dquarkus.http.host=127.0.0.1`,
        `-Dquarkus.http.port=${port}`,
        `-Dapicurio.datasource.url=jdbc:h2:file:${join(dir, 'schemas')}`,
        ...['-jar', join(app, runner)],
      ],
    };
  },
  healthy: () => answers(`${url}/subjects`),
};
