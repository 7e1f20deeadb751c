import type { Row, StorageError, Table } from '@millrace/storage';
import type { Kafka } from 'kafkajs';

/** Writes rows that a store refused for good to a dead-letter topic, as JSON, with the store's reason. */
export function deadLetterRows({ kafka, topic }: { kafka: Kafka; topic: string }) {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  let connected: Promise<void> | undefined;
  return async (table: Table, rows: readonly Row[], error: StorageError): Promise<void> => {
    await (connected ??= producer.connect());
    await producer.send({
      topic,
      messages: rows.map((row) => ({
        key: null,
        value: JSON.stringify(row, (_name, value: unknown) =>
          typeof value === 'bigint' ? String(value) : value,
        ),
        headers: { code: error.code, reason: error.message, table: table.name },
      })),
    });
  };
}
