import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startKafka, type Kafka, type KafkaOptions } from '../src/index.ts';
import { describeConfigs, describeGroups, metadata } from '../src/broker/protocol/messages/index.ts';
import { joinAlone } from './conformance/group-client.ts';
import { batchOf, createTopic, offsetOf, produceBatch, readAll } from './log-client.ts';
import { WireClient } from './wire-client.ts';

describe('a broker with a data folder', () => {
  let folder: string;
  let kafka: Kafka;
  let client: WireClient;

  const start = async (options: KafkaOptions = {}) => {
    kafka = await startKafka({ dataDir: folder, ...options });
    client = await WireClient.connect(kafka.brokers[0]!);
  };
  const restart = async (options: KafkaOptions = {}) => {
    client.close();
    await kafka.stop();
    await start(options);
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-durable-'));
  });
  afterEach(async () => {
    client.close();
    await kafka.stop();
    rmSync(folder, { recursive: true });
  });

  const bytesOnDisk = (path = folder): number =>
    readdirSync(path, { withFileTypes: true })
      .map((entry) =>
        entry.isDirectory() ? bytesOnDisk(join(path, entry.name)) : statSync(join(path, entry.name)).size,
      )
      .reduce((sum, bytes) => sum + bytes, 0);

  it('has topics, settings, records and groups again after a restart', async () => {
    await start();
    await createTopic(client, 'kept', { partitions: 2, configs: { 'retention.ms': '-1' } });
    await produceBatch(client, { topic: 'kept', partition: 1 }, batchOf([{ key: 'k', value: 'v' }]));
    const { topicId } = (await client.call(metadata, { topics: [{ name: 'kept' }] })).topics[0]!;
    const member = await joinAlone(client, 'members');
    await restart();
    const again = (await client.call(metadata, { topics: [{ name: 'kept' }] })).topics[0]!;
    expect(again).toMatchObject({ topicId, errorCode: 0 });
    expect((await readAll(client, { topic: 'kept', partition: 1 })).records).toMatchObject([
      { key: 'k', value: 'v' },
    ]);
    const resources = [{ resourceType: 2, resourceName: 'kept', configurationKeys: ['retention.ms'] }];
    const configs = await client.call(describeConfigs, { resources });
    expect(configs.results[0]!.configs[0]!.value).toBe('-1');
    const { groups } = await client.call(describeGroups, { groups: ['members'] });
    expect(groups[0]).toMatchObject({ groupState: 'Stable', members: [{ memberId: member.memberId }] });
  });

  it('reads far back in a topic of many segments, by offset and by time', async () => {
    const topicDefaults = { 'segment.bytes': '5000' };
    await start({ topicDefaults });
    await createTopic(client, 'long');
    const base = Date.now() - 100_000;
    for (let batch = 0; batch < 100; batch++) {
      const entries = [0, 1].map((n) => ({
        value: 'v'.repeat(500),
        timestampMs: base + 10 * (2 * batch + n),
      }));
      await produceBatch(client, { topic: 'long' }, batchOf(entries));
    }
    for (const again of [false, true]) {
      if (again) await restart({ topicDefaults });
      const { records } = await readAll(client, { topic: 'long' }, { partitionMaxBytes: 3000 });
      expect(records.map((record) => record.offset)).toEqual(
        Array.from({ length: 200 }, (_, offset) => offset),
      );
      for (const offset of [0, 1, 77, 199]) {
        expect((await offsetOf(client, { topic: 'long' }, base + 10 * offset)).offset).toBe(offset);
        expect((await readAll(client, { topic: 'long' }, { offset })).records[0]!.offset).toBe(offset);
      }
    }
  });

  it('keeps the last record of each key in a compacted topic, and far fewer bytes', async () => {
    const configs = { 'cleanup.policy': 'compact', 'segment.bytes': '20000', 'delete.retention.ms': '0' };
    await start();
    await createTopic(client, 'table', { configs });
    for (let round = 0; round < 100; round++) {
      const entries = Array.from({ length: 10 }, (_, key) => ({
        key: `k${key}`,
        value: `${round} `.repeat(100),
      }));
      await produceBatch(client, { topic: 'table' }, batchOf(entries));
    }
    await produceBatch(client, { topic: 'table' }, batchOf([{ key: 'k3', value: null }]));
    const before = bytesOnDisk();
    await kafka.runHousekeeping();
    expect(bytesOnDisk()).toBeLessThan(before / 2);
    for (const again of [false, true]) {
      if (again) await restart();
      const { records, nextOffset } = await readAll(client, { topic: 'table' });
      expect(nextOffset).toBe(1001);
      const table = new Map(records.map((record) => [record.key, record.value]));
      expect(table.get('k3')).toBeNull();
      expect(table.get('k9')).toBe('99 '.repeat(100));
      expect(records.length).toBeLessThan(200);
    }
  });

  it('deletes the oldest segments of a topic that has grown too large', async () => {
    await start();
    await createTopic(client, 'bounded', {
      configs: { 'segment.bytes': '10000', 'retention.bytes': '30000' },
    });
    for (let batch = 0; batch < 100; batch++) {
      await produceBatch(client, { topic: 'bounded' }, batchOf([{ value: 'v'.repeat(1000) }]));
    }
    await kafka.runHousekeeping();
    const first = (await offsetOf(client, { topic: 'bounded' }, -2)).offset;
    expect(first).toBeGreaterThan(50);
    const { records } = await readAll(client, { topic: 'bounded' }, { offset: first });
    expect(records.map((record) => record.offset)).toEqual(
      Array.from({ length: 100 - first }, (_, n) => first + n),
    );
  });

  it('refuses a folder that another broker uses, and takes one that a dead process has left', async () => {
    await start();
    await expect(startKafka({ dataDir: folder })).rejects.toMatchObject({ code: 'EMBEDDED_DATA_LOCKED' });
    client.close();
    await kafka.stop();
    writeFileSync(join(folder, 'broker.lock'), '999999999');
    await start();
    expect(kafka.port).toBeGreaterThan(0);
  });

  for (const fsync of ['always', { everyMs: 5 }] as const) {
    it(`writes and reads with fsync ${JSON.stringify(fsync)}`, async () => {
      await start({ fsync });
      await createTopic(client, 'synced');
      expect((await produceBatch(client, { topic: 'synced' }, batchOf([{ value: 'x' }]))).errorCode).toBe(0);
      await restart({ fsync });
      expect((await readAll(client, { topic: 'synced' })).records).toHaveLength(1);
    });
  }
});
