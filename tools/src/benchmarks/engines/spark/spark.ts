import { join } from 'node:path';
import { fetchJars } from '../../../services/fetch/maven.ts';
import { javaEngine } from '../java-engine.ts';

const group = 'org.apache.spark';
const version = '4.0.0';
const jars = ['spark-sql_2.13', 'spark-sql-kafka-0-10_2.13', 'spark-avro_2.13'].map((name) => ({
  group,
  name,
  version,
}));
/** What Spark's own start script opens on Java 17. */
const opened = [
  ...['lang', 'lang.invoke', 'lang.reflect', 'io', 'net', 'nio', 'util', 'util.concurrent'].map(
    (name) => `java.${name}`,
  ),
  ...['java.util.concurrent.atomic', 'jdk.internal.ref', 'sun.nio.ch', 'sun.nio.cs', 'sun.security.action'],
  'sun.util.calendar',
];

export const spark = javaEngine({
  id: 'spark',
  title: 'Spark 4.0',
  settings: 'structured streaming, local[2], 500,000 a batch, append, at-least-once sink',
  source: join(import.meta.dirname, 'SparkJob.java'),
  libraries: async () => [await fetchJars(`spark-${version}`, jars)],
  options: opened.flatMap((name) => ['--add-opens', `java.base/${name}=ALL-UNNAMED`]),
});
