import { setTimeout as sleep } from 'node:timers/promises';
import { hideAbortedRecords } from './hide-aborted-records.ts';
import { type Admin, Kafka, logLevel } from 'kafkajs';

const RETRY_MS = 500;
/** How long the same sentence is not said again. */
const QUIET_MS = 10_000;

export interface WaitForKafkaOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** A connected admin client and its Kafka, whose consumers see committed records only, as soon as a broker answers; says what it waits for. Rejects when `signal` ends the wait. */
export async function waitForKafka({
  brokers,
  clientId,
  log,
  signal,
}: WaitForKafkaOptions): Promise<{ kafka: Kafka; admin: Admin }> {
  hideAbortedRecords();
  const settings = { brokers: [...brokers], clientId, logLevel: logLevel.NOTHING, connectionTimeout: 2000 };
  const probe = new Kafka({ ...settings, retry: { retries: 0 } });
  let saidAtMs = -Infinity;
  for (;;) {
    signal.throwIfAborted();
    const attempt = probe.admin();
    try {
      await attempt.connect();
      await attempt.describeCluster();
      const kafka = new Kafka(settings);
      const admin = kafka.admin();
      await admin.connect();
      return { kafka, admin };
    } catch {
      if (performance.now() - saidAtMs >= QUIET_MS) {
        saidAtMs = performance.now();
        log(
          `waiting for Kafka at ${brokers.join(',')} (npx nx serve embedded starts one; KAFKA_BROKERS names another)`,
        );
      }
      await sleep(RETRY_MS, undefined, { signal });
    } finally {
      await attempt.disconnect().catch(() => undefined);
    }
  }
}
