import { Kafka, logLevel } from 'kafkajs';
import { connectRegistry, createProducer } from '@millrace/schemas';
import { topicNames } from '@millrace/streams';
import { atMost } from '../bench.ts';
import type { Aim } from '../bench.ts';
import { ClickSchema, click, partitionCount, startMs } from '../engines/clicks.ts';
import { fillTopic } from '../engines/fill-topic.ts';
import { Child } from './child.ts';
import type { Scene } from './scene.ts';

const perSecond = 10_000;
const stepMs = 5;
const warmUp = 3 * perSecond;

export interface LatencyAims {
  readonly p50?: number;
  readonly p99: number;
}

/**
 * From `send` to the result readable (read_committed) on the results topic, at 10,000 events a second: each event has a key of
 * its own, so that each gives a result, at the next commit.
 */
export async function latency(
  scene: Scene,
  { commitIntervalMs, seconds, aims }: { commitIntervalMs: number; seconds: number; aims: LatencyAims },
): Promise<Aim[]> {
  const name = `${scene.name}-latency-${commitIntervalMs}`;
  const topic = `${name}-clicks`;
  const { brokers, registryUrl } = scene;
  await fillTopic(scene, topic, { partitions: partitionCount, clicks: [] });
  const child = new Child({
    ...{ name, topic, brokers, registryUrl, windowMs: 36_000_000, emit: 'onUpdate' },
    startOptions: { commitIntervalMs },
  });
  const events = warmUp + seconds * perSecond;
  const sentMs = new Float64Array(events);
  const tookMs = new Float64Array(events).fill(NaN);
  let left = events;
  const consumer = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).consumer({
    groupId: `${name}-reader`,
    maxWaitTimeInMs: 100,
  });
  try {
    await child.next('running');
    await consumer.connect();
    await consumer.subscribe({ topic: topicNames.results(name, 'counts'), fromBeginning: true });
    await consumer.run({
      partitionsConsumedConcurrently: partitionCount,
      // Else it waits for a commit of its offsets after each batch, and that is what is measured.
      autoCommit: false,
      eachBatch: ({ batch }) => {
        const nowMs = performance.now();
        for (const { key } of batch.messages) {
          const n = Number((JSON.parse(key!.toString()) as [string])[0]);
          if (Number.isNaN(tookMs[n]!)) left--;
          tookMs[n] = nowMs - sentMs[n]!;
        }
        return Promise.resolve();
      },
    });
    await send(scene, topic, sentMs);
    for (let waited = 0; left > 0; waited++) {
      if (waited > 1_000) throw new Error(`${left} of ${events} events gave no result`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    await consumer.disconnect();
    await child.kill();
  }
  const sorted = tookMs.slice(warmUp).sort();
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1]!;
  console.log(
    `  commit every ${commitIntervalMs} ms: p50 ${at(0.5).toFixed(0)} ms, p99 ${at(0.99).toFixed(0)} ms, longest ${at(1).toFixed(0)} ms`,
  );
  const title = `produce to result, commit every ${commitIntervalMs} ms`;
  return [
    ...(aims.p50 === undefined ? [] : [atMost(`${title}: p50`, aims.p50, at(0.5), 'ms')]),
    atMost(`${title}: p99`, aims.p99, at(0.99), 'ms'),
  ];
}

/** Sends event after event at the rate, and notes when. */
async function send({ brokers, registryUrl }: Scene, topic: string, sentMs: Float64Array): Promise<void> {
  const producer = await createProducer({
    brokers: [...brokers],
    registry: connectRegistry({ url: registryUrl }),
    schemas: { [topic]: ClickSchema },
    autoRegister: true,
    lingerMs: 2,
  });
  const beganMs = performance.now();
  for (let n = 0; n < sentMs.length;) {
    const due = Math.min(sentMs.length, Math.floor(((performance.now() - beganMs) / 1_000) * perSecond));
    for (; n < due; n++) {
      const { partition, ...value } = click(n, 1_000);
      sentMs[n] = performance.now();
      producer.send(topic, {
        key: String(n),
        value: { ...value, user_id: String(n), event_time: startMs + Math.floor(n / 10) },
        partition,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, stepMs));
  }
  await producer.close();
}
