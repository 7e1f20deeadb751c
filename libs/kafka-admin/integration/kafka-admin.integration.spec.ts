import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startKafka } from '@millrace/embedded';
import type { Admin } from 'kafkajs';
import { createTopics, waitForKafka } from '../src/index.ts';

const never = new AbortController().signal;

async function partitionsOf(admin: Admin, topic: string): Promise<number | undefined> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  return topics[0]?.partitions.length;
}

describe('waitForKafka', () => {
  it('says what it waits for while nothing answers, and goes on when a broker comes', async () => {
    const first = await startKafka({});
    const { port, brokers } = first;
    await first.stop();

    const lines: string[] = [];
    let sayHeard = (): void => undefined;
    const heard = new Promise<void>((resolve) => (sayHeard = resolve));
    const log = (line: string) => {
      lines.push(line);
      sayHeard();
    };
    const waiting = waitForKafka({ brokers, clientId: 'waits', log, signal: never });
    await heard;
    expect(lines).toEqual([expect.stringContaining(`waiting for Kafka at 127.0.0.1:${port}`)]);

    const kafka = await startKafka({ port });
    const { admin } = await waiting;
    expect(await admin.listTopics()).toEqual([]);
    await admin.disconnect();
    await kafka.stop();
  });

  it('ends with the signal', async () => {
    const stopped = await startKafka({});
    await stopped.stop();
    const stopping = new AbortController();
    const waiting = waitForKafka({
      brokers: stopped.brokers,
      clientId: 'stops',
      log: () => stopping.abort(),
      signal: stopping.signal,
    });
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('createTopics', () => {
  let kafka: Awaited<ReturnType<typeof startKafka>>;
  let admin: Admin;

  beforeAll(async () => {
    kafka = await startKafka({ autoCreateTopics: false });
    ({ admin } = await waitForKafka({
      brokers: kafka.brokers,
      clientId: 'creates',
      log: () => undefined,
      signal: never,
    }));
  });
  afterAll(async () => {
    await admin.disconnect();
    await kafka.stop();
  });

  it('creates what is missing and leaves what is there as it is', async () => {
    await createTopics(admin, [{ topic: 'orders', partitions: 3 }]);
    await createTopics(admin, [
      { topic: 'orders', partitions: 5 },
      { topic: 'payments', partitions: 2 },
    ]);
    expect(await partitionsOf(admin, 'orders')).toBe(3);
    expect(await partitionsOf(admin, 'payments')).toBe(2);
  });

  it('may be called by several processes at once', async () => {
    const wanted = [{ topic: 'shared', partitions: 4 }];
    await Promise.all([
      createTopics(admin, wanted),
      createTopics(admin, wanted),
      createTopics(admin, wanted),
    ]);
    expect(await partitionsOf(admin, 'shared')).toBe(4);
  });

  it('throws what the broker says of a name that cannot be', async () => {
    await expect(createTopics(admin, [{ topic: 'no/such name', partitions: 1 }])).rejects.toThrow();
    expect(await admin.listTopics()).not.toContain('no/such name');
  });
});
