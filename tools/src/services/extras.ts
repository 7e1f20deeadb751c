import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fetchGo } from './fetch/go.ts';
import { fetchJars } from './fetch/maven.ts';
import { fetchPython, pythonDir } from './fetch/python.ts';
import { cacheDir } from './paths.ts';

const avroVersion = '1.12.0';
const pythonName = 'python-1';
const composeVersion = 'v2.16.2';
const composeName = `compose-go-${composeVersion}`;

/** Apache Avro for Java. */
export function fetchAvro(): Promise<string> {
  return fetchJars(`avro-${avroVersion}`, [{ group: 'org.apache.avro', name: 'avro', version: avroVersion }]);
}

/** Fetches what some tests stand on: Apache Avro for Java, a Python with avro and pyarrow, Compose's own parser. */
export async function fetchExtras(): Promise<void> {
  await fetchAvro();
  await fetchGo(composeName, `github.com/compose-spec/compose-go/v2/cmd@${composeVersion}`);
  await fetchPython(pythonName, join(import.meta.dirname, 'checksums/python-requirements.txt'));
}

/** The variables that say where those are, for what has been fetched. */
export function extraEnv(): Record<string, string> {
  const places = {
    MILLRACE_TEST_KAFKA_LIBS: join(cacheDir(), 'kafka-4.1.0'),
    MILLRACE_TEST_AVRO_LIBS: join(cacheDir(), `avro-${avroVersion}`),
    MILLRACE_TEST_COMPOSE: join(cacheDir(), composeName, 'cmd'),
    MILLRACE_TEST_PYTHON: join(pythonDir(pythonName), 'venv/bin/python'),
  };
  return Object.fromEntries(Object.entries(places).filter(([, path]) => existsSync(path)));
}
