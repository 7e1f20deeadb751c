import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireJava } from './fetch/java.ts';
import { fetchJars } from './fetch/maven.ts';
import { run } from './fetch/run.ts';
import { ask } from './health.ts';
import type { Service } from './service.ts';

const version = '4.1.0';
const port = 19092;
const controllerPort = 19093;
const brokers = `127.0.0.1:${port}`;

/** Apache Kafka's broker, clients, Streams and console tools in one folder. */
export function fetchKafka(): Promise<string> {
  const group = 'org.apache.kafka';
  return fetchJars(`kafka-${version}`, [
    { group, name: 'kafka_2.13', version },
    { group, name: 'kafka-streams', version },
    { group, name: 'kafka-tools', version, without: [{ group, name: 'connect-runtime' }] },
    { group: 'org.apache.logging.log4j', name: 'log4j-slf4j-impl', version: '2.24.3' },
  ]);
}

// ApiVersions, version 0, correlation id 1, no client id: any broker that is up answers it.
const apiVersions = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]);

/** One node, broker and controller. */
export const kafka: Service = {
  name: 'kafka',
  title: `Apache Kafka ${version}`,
  port,
  url: brokers,
  testEnv: { MILLRACE_TEST_KAFKA_BROKERS: brokers },
  appEnv: { KAFKA_BROKERS: brokers },
  startTimeoutMs: 60_000,
  fetch: async () => {
    await requireJava();
    await fetchKafka();
  },
  prepare: async (dir) => {
    const libs = join(await fetchKafka(), '*');
    const data = join(dir, 'data');
    const properties = join(dir, 'server.properties');
    const logging = join(dir, 'log4j2.xml');
    mkdirSync(data, { recursive: true });
    writeFileSync(properties, serverProperties(data));
    writeFileSync(logging, log4j);
    if (!existsSync(join(data, 'meta.properties'))) {
      const id = randomBytes(16).toString('base64url');
      // With "=", since an id may begin with "-".
      const format = ['kafka.tools.StorageTool', 'format', `--cluster-id=${id}`, '-c', properties];
      await run('java', ['-cp', libs, ...format]);
    }
    return {
      file: 'java',
      args: [
        ...['-Xms512m', '-Xmx512m', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20', '-Djava.awt.headless=true'],
        `-Dlog4j2.configurationFile=${logging}`,
        ...['-cp', libs, 'kafka.Kafka', properties],
      ],
    };
  },
  healthy: async () => (await ask(port, apiVersions)) !== undefined,
};

function serverProperties(data: string): string {
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://${brokers}
controller.listener.names=CONTROLLER
log.dirs=${data}
num.partitions=1
offsets.topic.num.partitions=8
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.retention.hours=24
log.segment.bytes=134217728
`;
}

const log4j = `<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="warn">
  <Appenders><Console name="out"><PatternLayout pattern="%d{ISO8601} %p %m (%c{1})%n"/></Console></Appenders>
  <Loggers>
    <Root level="warn"><AppenderRef ref="out"/></Root>
    <Logger name="kafka.server.KafkaRaftServer" level="info"/>
    <Logger name="org.apache.kafka.coordinator.transaction" level="info"/>
  </Loggers>
</Configuration>
`;
