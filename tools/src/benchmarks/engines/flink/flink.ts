import { join } from 'node:path';
import { fetchJars } from '../../../services/fetch/maven.ts';
import { javaEngine } from '../java-engine.ts';

const group = 'org.apache.flink';
const version = '2.0.0';
const jars = [
  { group, name: 'flink-streaming-java', version },
  { group, name: 'flink-clients', version },
  { group, name: 'flink-connector-base', version },
  { group, name: 'flink-connector-kafka', version: '4.0.0-2.0' },
  { group: 'org.apache.avro', name: 'avro', version: '1.12.0' },
  { group: 'org.apache.logging.log4j', name: 'log4j-slf4j-impl', version: '2.24.3' },
];

export const flink = javaEngine({
  id: 'flink',
  title: 'Flink 2.0',
  settings: 'parallelism 1, a checkpoint a second, exactly-once sink',
  source: join(import.meta.dirname, 'FlinkJob.java'),
  libraries: async () => [await fetchJars(`flink-${version}`, jars)],
  options: ['util', 'lang', 'time'].flatMap((name) => ['--add-opens', `java.base/java.${name}=ALL-UNNAMED`]),
});
