import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AccessLogSchema, connectRegistry, createWriter } from '@millrace/schemas';
import type { ConsumerGroup, SchemaSubject, TopicDetail, TopicMessage, TopicSummary } from '@millrace/views';
import { topicNames } from '@millrace/streams';
import { run, type RunningDashboard } from '../src/index.ts';
import { pathRow, realServices, startWorld, type ResultsWorld } from './results-world.ts';

describe.each([
  ['the embedded broker and registry', undefined, describe],
  [
    'Apache Kafka and a Confluent-compatible registry',
    realServices,
    realServices === undefined ? describe.skip : describe,
  ],
] as const)('over %s', (_name, services, suite) => {
  suite('what the dashboard shows of the cluster', () => {
    let world: ResultsWorld;
    let dashboard: RunningDashboard;
    /** Of the view requests_by_path; has two partitions. */
    let results: string;
    let deadLetter: string;

    const get = async <T>(path: string, status = 200): Promise<T> => {
      const response = await fetch(`${dashboard.url}/api/cluster/${path}`);
      expect(response.status).toBe(status);
      return (await response.json()) as T;
    };

    beforeAll(async () => {
      world = await startWorld(services);
      dashboard = await run(world.config, { definitions: [world.definition] });
      results = topicNames.results(world.definition.name, 'requests_by_path');
      deadLetter = topicNames.deadLetter(world.definition.name);
      await world.publish('requests_by_path', [pathRow('/a', 10_000), pathRow('/b', 10_000)]);
    });
    afterAll(async () => {
      await dashboard?.stop();
      await world?.stop();
    });

    it('names every topic with its partitions and records', async () => {
      const topics = await get<TopicSummary[]>('topics');
      expect(topics.find(({ name }) => name === results)).toEqual({
        name: results,
        partitions: 2,
        records: 2,
      });
      expect(topics.map(({ name }) => name)).toContain(deadLetter);
    });

    it('describes a topic, and names one that there is not', async () => {
      const topic = await get<TopicDetail>(`topics/${results}`);
      expect(topic.partitions).toMatchObject([
        { partition: 0, firstOffset: 0, endOffset: 2 },
        { partition: 1, firstOffset: 0, endOffset: 0 },
      ]);
      expect(topic.partitions[0]!.leader).toBeGreaterThanOrEqual(0);
      for (const path of ['topics/no-such-topic', 'topics/no-such-topic/messages'])
        expect(await get<{ detail: string }>(path, 404)).toMatchObject({
          detail: expect.stringContaining('no topic "no-such-topic"'),
        });
    });

    it('shows Avro as JSON with its schema id, newest first, and pages back in a partition', async () => {
      const newest = await get<TopicMessage[]>(`topics/${results}/messages`);
      expect(newest.map(({ offset }) => offset)).toEqual([1, 0]);
      expect(newest[0]).toMatchObject({ partition: 0, form: 'avro', schemaId: expect.any(Number) });
      expect(JSON.parse(newest[0]!.value!)).toMatchObject({ path: '/b', windowStart: 10_000 });
      const older = await get<TopicMessage[]>(`topics/${results}/messages?partition=0&before=1`);
      expect(older.map(({ offset }) => offset)).toEqual([0]);
      expect(await get<TopicMessage[]>(`topics/${results}/messages?partition=1`)).toEqual([]);
    });

    it('shows text, bytes and tombstones as what they are, with their headers', async () => {
      const values = [
        Buffer.from('not Avro'),
        Buffer.from([0, 1, 2, 255]),
        Buffer.from([0, 127, 0, 0, 1, 5]),
        null,
      ];
      await world.producer.send({
        topic: deadLetter,
        messages: values.map((value) => ({ value, headers: { reason: 'a test' }, partition: 1 })),
      });
      const shown = (await get<TopicMessage[]>(`topics/${deadLetter}/messages?partition=1`)).toReversed();
      expect(shown.map(({ form, value }) => [form, value])).toEqual([
        ['text', 'not Avro'],
        ['bytes', '000102ff'],
        ['bytes', '007f00000105'],
        ['tombstone', null],
      ]);
      expect(shown[0]!.headers).toEqual({ reason: 'a test' });
    });

    it('masks personal fields, and a key that is one', async () => {
      const topic = topicNames.late(world.definition.name);
      const writer = await createWriter({
        registry: connectRegistry({ url: world.config.registryUrl }),
        subject: `${topic}-value`,
        schema: AccessLogSchema,
        autoRegister: true,
      });
      const value = writer.write({
        time: 0,
        host: '203.0.113.9',
        user: 'anna',
        method: 'GET',
        path: '/x',
        protocol: 'HTTP/1.1',
        status: 200,
        bytes: 1,
        duration_ms: null,
        referrer: null,
        user_agent: null,
        simulated: true,
        line: '203.0.113.9 - anna "GET /x"',
      });
      await world.producer.send({ topic, messages: [{ key: '203.0.113.9', value: Buffer.from(value) }] });
      const [message] = await get<TopicMessage[]>(`topics/${topic}/messages`);
      expect(message!.key).toBe('•••');
      expect(JSON.parse(message!.value!)).toMatchObject({
        host: '•••',
        user: '•••',
        line: '•••',
        path: '/x',
      });
      expect(JSON.stringify(message)).not.toMatch(/203\.0\.113\.9|anna/);
    });

    it('hides what a transaction wrote that was aborted', async () => {
      const topic = topicNames.rejected(world.definition.name);
      const producer = world.kafka.producer({
        transactionalId: `${topic}-tx`,
        maxInFlightRequests: 1,
        idempotent: true,
      });
      await producer.connect();
      for (const [value, end] of [
        ['gone', 'abort'],
        ['here', 'commit'],
      ] as const) {
        const transaction = await producer.transaction();
        await transaction.send({ topic, messages: [{ value, partition: 0 }] });
        await transaction[end]();
      }
      await producer.disconnect();
      const shown = await get<TopicMessage[]>(`topics/${topic}/messages`);
      expect(shown.map(({ value }) => value)).toEqual(['here']);
    });

    it('says how far behind a consumer group is, and in which topic', async () => {
      const groupId = `${world.definition.name}-readers`;
      const admin = world.kafka.admin();
      await admin.connect();
      await admin.setOffsets({ groupId, topic: results, partitions: [{ partition: 0, offset: '1' }] });
      await admin.disconnect();
      const groups = await get<ConsumerGroup[]>('groups');
      expect(groups.find(({ name }) => name === groupId)).toEqual({
        name: groupId,
        state: 'Empty',
        members: 0,
        lag: 1,
        topics: [{ topic: results, lag: 1 }],
      });
    });

    it('shows subjects with their latest schema', async () => {
      const subject = `${results}-value`;
      await connectRegistry({ url: world.config.registryUrl }).setCompatibility(subject, 'FULL');
      expect(await get<string[]>('subjects')).toContain(subject);
      const latest = await get<SchemaSubject>(`subjects/${subject}`);
      expect(latest).toMatchObject({ subject, version: 1, compatibility: 'FULL' });
      expect(JSON.parse(latest.schema)).toMatchObject({ type: 'record' });
      expect(await get<{ detail: string }>('subjects/none', 404)).toMatchObject({
        detail: expect.stringContaining('no subject "none"'),
      });
    });

    it('refuses a query that it cannot answer, naming what is wrong with it', async () => {
      for (const [query, name] of [
        ['before=5', 'before'],
        ['limit=0', 'limit'],
        ['limit=1000', 'limit'],
        ['partition=-1', 'partition'],
      ])
        expect(
          await get<{ errors: { name: string }[] }>(`topics/${results}/messages?${query}`, 400),
        ).toMatchObject({ errors: [{ name }] });
    });
  });
});

describe('while Kafka and the registry are away', () => {
  it('answers 503 and says what is away, at which address', async () => {
    const world = await startWorld();
    const dashboard = await run(
      { ...world.config, brokers: ['127.0.0.1:1'], registryUrl: 'http://127.0.0.1:1' },
      { definitions: [world.definition] },
    );
    try {
      for (const [path, kind, detail] of [
        ['topics', 'kafka', '127.0.0.1:1'],
        ['subjects', 'registry', 'http://127.0.0.1:1'],
      ]) {
        const response = await fetch(`${dashboard.url}/api/cluster/${path}`);
        expect(response.status).toBe(503);
        expect(response.headers.get('retry-after')).not.toBeNull();
        expect(await response.json()).toMatchObject({
          type: `urn:millrace:problem:${kind}`,
          detail: expect.stringContaining(detail!),
        });
      }
    } finally {
      await dashboard.stop();
      await world.stop();
    }
  });
});
