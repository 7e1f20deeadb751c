import type { Admin, Kafka, Producer } from 'kafkajs';
import type { SourcePosition } from './sources/source.ts';

/** A batch takes far less; a source that dies and does not come back holds up readers of its topics no longer. */
const TRANSACTION_TIMEOUT_MS = 10_000;

/** One record to be written. */
export interface OutgoingRecord {
  readonly topic: string;
  readonly key: string | null;
  /** Null ends what a compacted topic holds of the key. */
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timestampMs: number;
}

/**
 * Writes the records of a source batch and the source's position in one transaction, so that after any crash the source
 * goes on exactly behind what is in the log: nothing twice, nothing lost. The position is the metadata of an offset
 * commit of the group `millrace.source.<name>`; a second producer of the same source fences the first.
 */
export class TransactionalSender {
  readonly #kafka: Kafka;
  readonly #admin: Admin;
  readonly #groupId: string;
  readonly #positionTopic: string;
  #producer: Producer | undefined;

  /** `positionTopic` is any topic of the source's: offset commits need a topic's name. */
  constructor({
    kafka,
    admin,
    sourceName,
    positionTopic,
  }: {
    kafka: Kafka;
    admin: Admin;
    sourceName: string;
    positionTopic: string;
  }) {
    this.#kafka = kafka;
    this.#admin = admin;
    this.#groupId = `millrace.source.${sourceName}`;
    this.#positionTopic = positionTopic;
  }

  /** Ends whatever an earlier producer of this source left open, and returns the position behind the last committed batch. */
  async recover(): Promise<SourcePosition | undefined> {
    await this.close();
    this.#producer = this.#kafka.producer({
      transactionalId: this.#groupId,
      transactionTimeout: TRANSACTION_TIMEOUT_MS,
      idempotent: true,
      maxInFlightRequests: 1,
      retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 2000 },
    });
    await this.#producer.connect();
    // The first transaction initialises the producer id: only then an earlier producer can no longer commit, and the position stands.
    await (await this.#producer.transaction()).abort();
    const [topic] = await this.#admin.fetchOffsets({ groupId: this.#groupId, topics: [this.#positionTopic] });
    const metadata = topic?.partitions.find(({ partition }) => partition === 0)?.metadata;
    return metadata ? (JSON.parse(metadata) as SourcePosition) : undefined;
  }

  /** Resolves when all of it is committed. After an error the outcome is unknown: call {@link recover} and go on from there. */
  async send(records: readonly OutgoingRecord[], position: SourcePosition): Promise<void> {
    if (this.#producer === undefined) throw new Error('send() before recover()');
    const transaction = await this.#producer.transaction();
    try {
      const byTopic = Map.groupBy(records, (record) => record.topic);
      for (const [topic, group] of byTopic) {
        await transaction.send({ topic, messages: group.map(toMessage) });
      }
      const partitions = [{ partition: 0, offset: '0', metadata: JSON.stringify(position) }];
      await transaction.sendOffsets({
        consumerGroupId: this.#groupId,
        topics: [{ topic: this.#positionTopic, partitions }],
      });
      await transaction.commit();
    } catch (error) {
      await transaction.abort().catch(() => undefined); // recover() ends it for good
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#producer?.disconnect().catch(() => undefined);
    this.#producer = undefined;
  }
}

function toMessage({ key, value, headers, timestampMs }: OutgoingRecord) {
  return { key, value, timestamp: String(timestampMs), ...(headers && { headers }) };
}
