import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fetchJars } from './fetch/maven.ts';
import { fetchPython, pythonDir } from './fetch/python.ts';
import { cacheDir } from './paths.ts';

const avroVersion = '1.12.0';
const pythonName = 'python-1';

/** Fetches what tests of other languages stand on: Apache Avro for Java, and a Python with avro and pyarrow. */
export async function fetchExtras(): Promise<void> {
  await fetchJars(`avro-${avroVersion}`, [{ group: 'org.apache.avro', name: 'avro', version: avroVersion }]);
  await fetchPython(pythonName, join(import.meta.dirname, 'checksums/python-requirements.txt'));
}

/** The variables that say where those are, for what has been fetched. */
export function extraEnv(): Record<string, string> {
  const places = {
    MILLRACE_TEST_KAFKA_LIBS: join(cacheDir(), 'kafka-4.1.0'),
    MILLRACE_TEST_AVRO_LIBS: join(cacheDir(), `avro-${avroVersion}`),
    MILLRACE_TEST_PYTHON: join(pythonDir(pythonName), 'venv/bin/python'),
  };
  return Object.fromEntries(Object.entries(places).filter(([, path]) => existsSync(path)));
}
