import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';

export interface OauthSettings {
  /** A client has to log in again within this time. */
  readonly maxReauthMs: number;
}

export interface ApacheKafkaSettings {
  /** The folder with Apache Kafka's jars. */
  readonly libs: string;
  /** An empty folder. */
  readonly folder: string;
  readonly port: number;
  /** Where clients are told to connect to. */
  readonly advertisedPort: number;
  /** Clients have to log in by OAUTHBEARER, with unsecured tokens. */
  readonly oauth?: OauthSettings | undefined;
}

/** Small and soon there, rather than fast. */
const jvm = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];

/** Prepares a node of Apache Kafka, broker and controller in one; returns the command that starts it. */
export async function prepareApacheKafka(settings: ApacheKafkaSettings): Promise<[string, string[]]> {
  const { libs, folder } = settings;
  const properties = join(folder, 'server.properties');
  const logging = join(folder, 'log4j2.xml');
  writeFileSync(
    properties,
    serverProperties(settings, { controller: await freePort(), inner: await freePort() }),
  );
  writeFileSync(logging, log4j);
  const java = [...jvm, `-Dlog4j2.configurationFile=${logging}`, '-cp', join(libs, '*')];
  const id = randomBytes(16).toString('base64url');
  // With "=", since an id may begin with "-".
  const format = ['kafka.tools.StorageTool', 'format', `--cluster-id=${id}`, '-c', properties];
  await promisify(execFile)('java', [...java, ...format]);
  return ['java', [...java, 'kafka.Kafka', properties]];
}

const serverProperties = (
  { folder, port, advertisedPort, oauth }: ApacheKafkaSettings,
  ports: { readonly controller: number; readonly inner: number },
) =>
  `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${ports.controller}
listeners=CLIENT://127.0.0.1:${port},INNER://127.0.0.1:${ports.inner},CONTROLLER://127.0.0.1:${ports.controller}
advertised.listeners=CLIENT://127.0.0.1:${advertisedPort},INNER://127.0.0.1:${ports.inner}
inter.broker.listener.name=INNER
listener.security.protocol.map=CLIENT:${oauth === undefined ? '' : 'SASL_'}PLAINTEXT,INNER:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs=${join(folder, 'data')}
# A node that was killed may come back at once.
broker.session.timeout.ms=1000
broker.heartbeat.interval.ms=200
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
auto.create.topics.enable=false
offsets.topic.num.partitions=2
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=2
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
log.segment.bytes=67108864
${oauth === undefined ? '' : oauthProperties(oauth)}`;

const oauthProperties = ({ maxReauthMs }: OauthSettings) =>
  `sasl.enabled.mechanisms=OAUTHBEARER
listener.name.client.oauthbearer.sasl.jaas.config=\
  org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";
connections.max.reauth.ms=${maxReauthMs}
`;

const log4j = `<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="warn">
  <Appenders><Console name="out"><PatternLayout pattern="%d{ISO8601} %p %m (%c{1})%n"/></Console></Appenders>
  <Loggers><Root level="warn"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
`;
