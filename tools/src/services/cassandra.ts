import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStorage } from '@millrace/storage';
import { requireJava } from './fetch/java.ts';
import { fetchJars } from './fetch/maven.ts';
import { ask, waitUntil } from './health.ts';
import type { Service } from './service.ts';

const version = '5.0.5';
const port = 19042;
const storagePort = 17000;
const contactPoint = `127.0.0.1:${port}`;
const account = 'cassandra';

const fetchCassandra = (): Promise<string> =>
  fetchJars(`cassandra-${version}`, [{ group: 'org.apache.cassandra', name: 'cassandra-all', version }]);

// What its jvm17-server.options open of the JDK.
const exported = [
  'java.base/jdk.internal.misc',
  'java.base/java.lang.ref',
  'java.management.rmi/com.sun.jmx.remote.internal.rmi',
  'java.rmi/sun.rmi.registry',
  'java.rmi/sun.rmi.server',
  'java.sql/java.sql',
  'jdk.unsupported/sun.misc',
  'jdk.compiler/com.sun.tools.javac.file',
  'jdk.attach/sun.tools.attach',
];
const opened = [
  'java.base/java.lang.module',
  'java.base/jdk.internal.loader',
  'java.base/jdk.internal.ref',
  'java.base/jdk.internal.reflect',
  'java.base/jdk.internal.math',
  'java.base/jdk.internal.module',
  'java.base/jdk.internal.util.jar',
  'jdk.management/com.sun.management.internal',
  'java.base/sun.nio.ch',
  'java.base/java.io',
  'java.base/java.lang.reflect',
  'jdk.compiler/com.sun.tools.javac',
  'java.base/java.lang',
  'java.base/java.util',
];

// CQL version 4: the request OPTIONS (5) as a frame of stream 0 without a body.
const options = Buffer.from([4, 0, 0, 0, 5, 0, 0, 0, 0]);

/** One Cassandra node with password authentication (`cassandra`/`cassandra`). */
export const cassandra: Service = {
  name: 'cassandra',
  title: `Apache Cassandra ${version}`,
  port,
  url: `cassandra://${account}:${account}@${contactPoint}`,
  testEnv: { MILLRACE_TEST_CASSANDRA: contactPoint },
  appEnv: { STORAGE_URL: `cassandra://${account}:${account}@${contactPoint}/millrace?dc=datacenter1` },
  startTimeoutMs: 120_000,
  fetch: async () => {
    await requireJava();
    await fetchCassandra();
  },
  prepare: async (dir) => {
    const libs = await fetchCassandra();
    const data = join(dir, 'data');
    const config = join(dir, 'cassandra.yaml');
    const logging = join(dir, 'logback.xml');
    mkdirSync(data, { recursive: true });
    writeFileSync(config, settings(data));
    writeFileSync(logging, logback);
    return {
      file: 'java',
      args: [
        ...['-Xms1g', '-Xmx1g', '-XX:+UseG1GC', '-XX:MaxDirectMemorySize=512m', '-Djava.awt.headless=true'],
        ...['-Djdk.attach.allowAttachSelf=true', '-Dio.netty.tryReflectionSetAccessible=true'],
        ...exported.flatMap((name) => ['--add-exports', `${name}=ALL-UNNAMED`]),
        ...opened.flatMap((name) => ['--add-opens', `${name}=ALL-UNNAMED`]),
        `-javaagent:${join(libs, 'jamm-0.4.0.jar')}`,
        `-Dcassandra.config=file://${config}`,
        `-Dlogback.configurationFile=${logging}`,
        `-Dcassandra.storagedir=${data}`,
        // One node: no others to wait for, and its first role can be made at once.
        ...['-Dcassandra.skip_wait_for_gossip_to_settle=0', '-Dcassandra.superuser_setup_delay_ms=0'],
        ...['-Dcassandra.ring_delay_ms=0', '-Dcassandra-foreground=yes'],
        ...['-cp', join(libs, '*'), 'org.apache.cassandra.service.CassandraDaemon'],
      ],
    };
  },
  // 6 is SUPPORTED.
  healthy: async () => (await ask(port, options))?.[4] === 6,
  afterStart: async () => {
    const opens = async (): Promise<boolean> => {
      try {
        const storage = await openStorage(cassandra.appEnv['STORAGE_URL'] as string);
        await storage.close();
        return true;
      } catch {
        return false;
      }
    };
    // The role is made a moment after the port is opened.
    await waitUntil(opens, { timeoutMs: 30_000 });
  },
};

function settings(data: string): string {
  return `cluster_name: millrace
num_tokens: 1
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
authenticator: PasswordAuthenticator
authorizer: CassandraAuthorizer
role_manager: CassandraRoleManager
endpoint_snitch: SimpleSnitch
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{ seeds: "127.0.0.1:${storagePort}" }]
listen_address: 127.0.0.1
rpc_address: 127.0.0.1
native_transport_port: ${port}
storage_port: ${storagePort}
data_file_directories: ["${data}/data"]
commitlog_directory: "${data}/commitlog"
saved_caches_directory: "${data}/saved_caches"
hints_directory: "${data}/hints"
cdc_raw_directory: "${data}/cdc_raw"
commitlog_sync: periodic
commitlog_sync_period: 1000ms
memtable_heap_space: 192MiB
memtable_offheap_space: 128MiB
file_cache_size: 64MiB
key_cache_size: 16MiB
concurrent_reads: 16
concurrent_writes: 16
auto_snapshot: false
compaction_throughput: 32MiB/s
`;
}

const logback = `<configuration>
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%date{ISO8601} %-5level %msg \\(%logger{0}\\)%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="out"/></root>
  <logger name="org.apache.cassandra.service.CassandraDaemon" level="INFO"/>
</configuration>
`;
