import { Admin, Consumer } from '@platformatic/kafka';
import { DashboardError } from '../errors.ts';
import { reasonOf } from '../kafka/reason-of.ts';

/** How long a person waits for an answer at most. */
const REQUEST_TIMEOUT_MS = 8_000;

/** Connections to ask a cluster over: made at the first question, made anew after one that failed. */
export interface KafkaAdmin {
  /** @throws DASHBOARD_KAFKA, which is retriable, when no broker answers */
  ask<T>(question: (admin: Admin, consumer: Consumer) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function kafkaAdmin(brokers: readonly string[]): KafkaAdmin {
  let connections: { admin: Admin; consumer: Consumer } | undefined;
  const connect = () => {
    const options = {
      clientId: 'millrace-dashboard',
      bootstrapBrokers: [...brokers],
      retries: 0,
      connectTimeout: 3_000,
      requestTimeout: REQUEST_TIMEOUT_MS,
    };
    return {
      admin: new Admin(options),
      consumer: new Consumer({ ...options, groupId: 'millrace-dashboard' }),
    };
  };
  async function close(): Promise<void> {
    const closing = connections;
    connections = undefined;
    if (closing !== undefined) {
      await Promise.allSettled([closing.admin.close(), closing.consumer.close(true)]);
    }
  }
  return {
    close,
    async ask(question) {
      const { admin, consumer } = (connections ??= connect());
      try {
        return await question(admin, consumer);
      } catch (cause) {
        if (cause instanceof DashboardError) throw cause;
        await close();
        throw new DashboardError(
          'DASHBOARD_KAFKA',
          `Kafka at ${brokers.join(', ')} cannot be asked: ${reasonOf(cause)}`,
          { cause, retriable: true },
        );
      }
    },
  };
}
