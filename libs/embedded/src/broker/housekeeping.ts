import type { Broker } from './broker.ts';
import type { Alarm } from './clock.ts';
import { compact } from './log/compaction.ts';
import { applyRetention } from './log/retention.ts';
import { OFFSETS_RETENTION_MS, PRODUCER_EXPIRY_MS, TRANSACTIONAL_ID_EXPIRY_MS } from './settings.ts';

/** What the broker does from time to time. */
export interface Housekeeping {
  /** Does it now; if it is being done already, once more after that. */
  run(): Promise<void>;
  /** Resolves when nothing is being done. */
  idle(): Promise<void>;
  stop(): void;
}

/** Retention, compaction, and the expiry of what nobody uses any more; every few seconds by the broker's clock. */
export function keepHouse(broker: Broker): Housekeeping {
  const { clock, settings } = broker;
  let stopped = false;
  let running: Promise<void> | undefined;

  const work = async () => {
    const nowMs = clock.now();
    broker.offsets.expire(nowMs - OFFSETS_RETENTION_MS);
    broker.transactions.expire(nowMs - TRANSACTIONAL_ID_EXPIRY_MS);
    for (const topic of broker.topics.all()) {
      for (const log of topic.partitions) {
        if (stopped) return;
        // What one partition cannot do, for want of space say, must not keep the others from it.
        try {
          log.producers.forgetSilent(nowMs - PRODUCER_EXPIRY_MS);
          applyRetention(log, nowMs);
          await compact(log, { nowMs, isStopped: () => stopped });
        } catch (error) {
          if (!log.closed) settings.onError(error, `housekeeping of ${topic.name}`);
        }
      }
    }
  };

  const begin = () =>
    (running ??= work()
      .catch((error: unknown) => settings.onError(error, 'housekeeping'))
      .finally(() => (running = undefined)));

  let alarm: Alarm;
  const schedule = (): void => {
    alarm = clock.after(settings.housekeepingMs, () => {
      void begin();
      schedule();
    });
  };
  schedule();

  const { fsync } = settings;
  const flusher =
    typeof fsync === 'object' ? setInterval(() => broker.topics.flush(), fsync.everyMs).unref() : undefined;

  return {
    async run() {
      await running;
      await begin();
    },
    idle: async () => running,
    stop() {
      stopped = true;
      alarm.cancel();
      clearInterval(flusher);
    },
  };
}
