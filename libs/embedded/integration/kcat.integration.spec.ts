import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startKafka, type Kafka } from '../src/index.ts';
import { runCommand } from './clients/run-command.ts';
import { batchOf, createTopic, produceBatch } from './log-client.ts';
import { addPartition, endTransaction, initTransactions } from './transaction-client.ts';
import { WireClient } from './wire-client.ts';

const kcat = process.env['MILLRACE_TEST_KCAT'];

(kcat === undefined ? describe.skip : describe)('librdkafka, as kcat', () => {
  let kafka: Kafka;
  let client: WireClient;
  beforeAll(async () => {
    kafka = await startKafka({ defaultPartitions: 3 });
    client = await WireClient.connect(kafka.brokers[0]!);
  });
  afterAll(async () => {
    client.close();
    await kafka.stop();
  });

  const run = (args: readonly string[], input?: string) =>
    runCommand(kcat!, ['-b', kafka.brokers[0]!, ...args], input);
  const sorted = (text: string) => text.trim().split('\n').sort();

  it('lists what there is', async () => {
    await createTopic(client, 'listed', { partitions: 2 });
    expect(await run(['-L', '-t', 'listed'])).toContain('topic "listed" with 2 partitions');
  });

  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    it(`produces with codec ${codec}, idempotently, and consumes it`, async () => {
      const topic = `codec-${codec}`;
      const lines = Array.from({ length: 100 }, (_, index) => `k${index}:value ${index}`);
      const producing = ['-P', '-t', topic, '-K:', '-z', codec, '-X', 'enable.idempotence=true'];
      await run(producing, `${lines.join('\n')}\n`);
      const read = await run(['-C', '-t', topic, '-e', '-q', '-f', '%k:%s\n']);
      expect(sorted(read)).toEqual([...lines].sort());
    });
  }

  it('consumes in a group, and goes on where the group was', async () => {
    await run(['-P', '-t', 'grouped'], 'one\ntwo\n');
    const consume = () =>
      run(['-G', 'kcat-group', 'grouped', '-e', '-q', '-X', 'auto.offset.reset=earliest']);
    expect(sorted(await consume())).toEqual(['one', 'two']);
    await run(['-P', '-t', 'grouped'], 'three\n');
    expect(sorted(await consume())).toEqual(['three']);
  });

  it('shows committed transactions only, unless asked for all', async () => {
    const topic = 'in-transactions';
    await createTopic(client, topic);
    const who = await initTransactions(client, 'kcat-transactions');
    for (const [index, value] of ['kept', 'given up', 'kept too'].entries()) {
      await addPartition(client, who, topic);
      const batch = batchOf([{ value }], { ...who, transactional: true, baseSequence: index });
      await produceBatch(client, { topic }, batch, { transactionalId: who.transactionalId });
      expect(await endTransaction(client, who, value !== 'given up')).toBe(0);
    }
    const read = (isolation: string) =>
      run(['-C', '-t', topic, '-e', '-q', '-X', `isolation.level=${isolation}`]);
    expect(sorted(await read('read_committed'))).toEqual(['kept', 'kept too']);
    expect(sorted(await read('read_uncommitted'))).toEqual(['given up', 'kept', 'kept too']);
  });

  it('finds offsets by time', async () => {
    await createTopic(client, 'timed');
    const base = Date.now() - 60_000;
    await produceBatch(
      client,
      { topic: 'timed' },
      batchOf([0, 1, 2].map((n) => ({ value: 'x', timestampMs: base + n }))),
    );
    expect(await run(['-Q', '-t', `timed:0:${base + 1}`])).toContain('offset 1');
  });
});
