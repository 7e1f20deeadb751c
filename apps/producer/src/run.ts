import { setTimeout as sleep } from 'node:timers/promises';
import { createTopics, waitForKafka } from '@millrace/kafka-admin';
import { AccessLogSchema, connectRegistry, createWriter } from '@millrace/schemas';
import type { ProducerConfig } from './config.ts';
import { simulate } from './sources/simulate.ts';
import type { Source } from './sources/source.ts';
import { tail } from './sources/tail.ts';
import { type OutgoingRecord, TransactionalSender } from './transactional-sender.ts';
import { lineToRecord } from './web-logs-records.ts';

const topics = { events: 'logs', deadLetter: 'web-logs.dead-letter' } as const;
/** How long to wait before a source is tried again after an error. */
const RETRY_MS = 1000;

export interface RunningProducer {
  /** Ends the sources; what was taken from them is sent first. */
  stop(): Promise<void>;
}

/** Follows the configured sources and sends what they see to Kafka, until stopped. Resolves when the first source is open. */
export async function run(config: ProducerConfig, log: (line: string) => void): Promise<RunningProducer> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const { kafka, admin } = await waitForKafka({
    brokers: config.brokers,
    clientId: 'millrace-producer',
    log,
    signal,
  });
  await createTopics(admin, [
    { topic: topics.events, partitions: config.topicPartitions },
    { topic: topics.deadLetter, partitions: 1 },
  ]);
  const writer = await createWriter({
    registry: connectRegistry({ url: config.registryUrl }),
    subject: `${topics.events}-value`,
    schema: AccessLogSchema,
    autoRegister: config.autoRegister,
  });

  const sources: Source[] = config.files.map(tail);
  if (config.simulateLinesPerSecond > 0) {
    sources.push(simulate({ linesPerSecond: config.simulateLinesPerSecond, seed: config.simulateSeed }));
  }
  const running = sources.map(async (source) => {
    const sender = new TransactionalSender({
      kafka,
      admin,
      sourceName: source.name,
      positionTopic: topics.events,
    });
    const toRecord = (nowMs: number) => ({ topics, sourceName: source.name, encode: writer.write, nowMs });
    log(source.description);
    while (!signal.aborted) {
      try {
        const position = await sender.recover();
        for await (const batch of source.open(position, signal)) {
          const context = toRecord(Date.now());
          const records: OutgoingRecord[] = batch.lines.map((line) => lineToRecord(line, context));
          await sender.send(records, batch.position);
        }
      } catch (error) {
        if (signal.aborted) break;
        log(`${source.description}: ${(error as Error).message}; trying again in ${RETRY_MS / 1000} s`);
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    await sender.close();
  });

  return {
    async stop() {
      stopping.abort();
      await Promise.all(running);
      await admin.disconnect();
    },
  };
}
