import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startKafka, type Kafka } from '../src/index.ts';
import { collect, runCommand } from './clients/run-command.ts';
import { batchOf, createTopic, produceBatch, readAll } from './log-client.ts';
import { WireClient } from './wire-client.ts';

const libs = process.env['MILLRACE_TEST_KAFKA_LIBS'];
const KEYS = 7;
const RECORDS = 3_000;

(libs === undefined ? describe.skip : describe)("Apache Kafka's own Java clients", () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-java-'));
  let kafka: Kafka;
  let client: WireClient;
  beforeAll(async () => {
    kafka = await startKafka({ dataDir: join(folder, 'kafka') });
    client = await WireClient.connect(kafka.brokers[0]!);
  });
  afterAll(async () => {
    client.close();
    await kafka.stop();
    rmSync(folder, { recursive: true });
  });

  const tool = (mainClass: string, args: readonly string[], input?: string) =>
    runCommand(
      'java',
      ['-cp', `${libs}/*`, mainClass, '--bootstrap-server', kafka.brokers[0]!, ...args],
      input,
    );

  it('create and describe a topic, produce to it, consume it in a group, and describe that', async () => {
    const topic = 'console';
    await tool('org.apache.kafka.tools.TopicCommand', ['--create', '--topic', topic, '--partitions', '2']);
    const described = await tool('org.apache.kafka.tools.TopicCommand', ['--describe', '--topic', topic]);
    expect(described).toContain('PartitionCount: 2');
    const properties = ['--property', 'parse.key=true', '--compression-codec', 'zstd'];
    await tool(
      'org.apache.kafka.tools.ConsoleProducer',
      ['--topic', topic, ...properties],
      'a\t1\nb\t2\nc\t3\n',
    );
    const reading = ['--topic', topic, '--group', 'readers', '--from-beginning', '--max-messages', '3'];
    const read = await tool('org.apache.kafka.tools.consumer.ConsoleConsumer', [
      ...reading,
      '--timeout-ms',
      '30000',
    ]);
    expect(read.trim().split('\n').sort()).toEqual(['1', '2', '3']);
    const group = await tool('org.apache.kafka.tools.consumer.group.ConsumerGroupCommand', [
      '--describe',
      '--group',
      'readers',
    ]);
    expect(group).toMatch(/readers +console +\d +\d/);
  });

  it('count exactly once in a Streams application with state that is killed on the way', async () => {
    const [input, output] = ['streams-input', 'streams-output'];
    expect(await createTopic(client, input, { partitions: 2 })).toBe(0);
    expect(await createTopic(client, output, { partitions: 2 })).toBe(0);
    const state = join(folder, 'state');
    const run = () => {
      const source = join(import.meta.dirname, 'clients', 'CountByKey.java');
      return spawn('java', ['-cp', `${libs}/*`, source, kafka.brokers[0]!, input, output, state]);
    };
    const total = async () => {
      let sum = 0;
      for (const partition of [0, 1]) {
        const latest = new Map<string, number>();
        const { records } = await readAll(client, { topic: output, partition }, { committedOnly: true });
        for (const { key, value } of records) {
          // Each count is there once: a repeated or lost record would repeat or skip a number.
          expect(Number(value)).toBe((latest.get(key!) ?? 0) + 1);
          latest.set(key!, Number(value));
        }
        for (const count of latest.values()) sum += count;
      }
      return sum;
    };
    const reach = async (count: number, output: { all(): string }) => {
      for (const deadline = Date.now() + 90_000; (await total()) < count;) {
        if (Date.now() > deadline)
          throw new Error(`no more than ${await total()} of ${count}:\n${output.all()}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    const send = async (from: number, to: number) => {
      for (const partition of [0, 1]) {
        const mine = [];
        for (let n = from; n < to; n++)
          if ((n % KEYS) % 2 === partition) mine.push({ key: `k${n % KEYS}`, value: 'x' });
        expect((await produceBatch(client, { topic: input, partition }, batchOf(mine))).errorCode).toBe(0);
      }
    };

    await send(0, RECORDS / 3);
    const first = run();
    await reach(RECORDS / 3, collect(first));
    await send(RECORDS / 3, RECORDS);
    first.kill('SIGKILL');
    await once(first, 'close');
    const second = run();
    await reach(RECORDS, collect(second));
    second.kill('SIGTERM');
    await once(second, 'close');
    expect(await total()).toBe(RECORDS);
  }, 240_000);
});
