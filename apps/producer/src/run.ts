import { setTimeout as sleep } from 'node:timers/promises';
import { createTopics, waitForKafka } from '@millrace/kafka-admin';
import { connectRegistry } from '@millrace/schemas';
import type { Admin, Kafka } from 'kafkajs';
import type { ProducerConfig } from './config.ts';
import { createEventEncoder, type EventEncoder } from './event-encoder.ts';
import type { FeedItem } from './feeds/feed.ts';
import { feedTopics } from './feed-topics.ts';
import { feeds } from './feeds/feeds.ts';
import { serveEvents } from './http/serve-events.ts';
import { readState, stateTopic } from './source-state.ts';
import type { Source } from './sources/source.ts';
import { TransactionalSender } from './transactional-sender.ts';

/** How long to wait before a source is tried again after an error. */
const RETRY_MS = 1000;

export interface RunningProducer {
  /** Of `POST /events/:topic`. */
  readonly url: string;
  /** Ends the sources; what was taken from them is sent first. */
  stop(): Promise<void>;
}

/** Sends what the configured feeds see to Kafka, until stopped. Resolves when the registry has agreed to all their schemas. */
export async function run(config: ProducerConfig, log: (line: string) => void): Promise<RunningProducer> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const { kafka, admin } = await waitForKafka({
    brokers: config.brokers,
    clientId: 'millrace-producer',
    log,
    signal,
  });
  const registry = connectRegistry({ url: config.registryUrl });
  const { autoRegister } = config;
  const fed = feeds.filter(({ pipeline }) => pipeline.name in config.feeds);
  const sending: Omit<SendAll, 'signal' | 'log' | 'kafka' | 'admin'>[] = [];
  for (const feed of fed) {
    const { pipeline } = feed;
    await createTopics(admin, feedTopics(pipeline, config.topicPartitions));
    const sources = feed.sources(config.feeds[pipeline.name], log);
    if (sources.some(({ keepsState }) => keepsState)) await createTopics(admin, [stateTopic(pipeline.name)]);
    const [positionTopic = ''] = Object.values(pipeline.sources).map(({ topic }) => topic);
    const encode = await createEventEncoder({ pipeline, registry, autoRegister });
    for (const source of sources) sending.push({ pipeline: pipeline.name, source, encode, positionTopic });
  }
  const pipelines = fed.map(({ pipeline }) => pipeline);
  const events = await serveEvents({ ...config.http, pipelines, kafka, registry, autoRegister });
  log(`taking events at ${events.url}/events/TOPIC; pages send theirs by ${events.url}/snippet.js`);
  const running = sending.map((one) => sendAll({ ...one, kafka, admin, signal, log }));
  return {
    url: events.url,
    async stop() {
      stopping.abort();
      await events.stop();
      await Promise.all(running);
      await admin.disconnect();
    },
  };
}

interface SendAll {
  readonly pipeline: string;
  readonly source: Source<FeedItem>;
  readonly encode: EventEncoder;
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly positionTopic: string;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** Sends what a source gives until `signal` ends it; after an error it goes on from the last committed position. */
async function sendAll(options: SendAll): Promise<void> {
  const { pipeline, source, encode, kafka, admin, positionTopic, signal, log } = options;
  const sender = new TransactionalSender({ kafka, admin, sourceName: source.name, positionTopic });
  log(source.description);
  while (!signal.aborted) {
    try {
      const position = await sender.recover();
      const state = source.keepsState
        ? await readState({ kafka, admin, pipeline, sourceName: source.name })
        : new Map<string, string>();
      for await (const batch of source.open(position, signal, state)) {
        const encoding = { sourceName: source.name, nowMs: Date.now() };
        await sender.send(
          batch.items.map((item) => encode(item, encoding)),
          batch.position,
        );
      }
    } catch (error) {
      if (signal.aborted) break;
      log(`${source.description}: ${(error as Error).message}; trying again in ${RETRY_MS / 1000} s`);
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  await sender.close();
}
