import { findErrorBy } from '@platformatic/kafka';
import type { Codec, RecordHeader } from '@millrace/record-batch';
import { SchemasError } from '../errors.ts';
import { agreeContracts, type ContractOptions } from './contracts.ts';
import { BrokerConnections, type BrokerOptions, type ProducerIdentity } from './fast/broker-connections.ts';
import { FastProducer } from './fast/fast-producer.ts';
import type { Delivery } from './fast/partition-queue.ts';

export interface ProducerOptions extends ContractOptions, BrokerOptions {
  /** How long a batch waits for more records; default 5 ms. */
  readonly lingerMs?: number;
  /** A batch of this size is sent at once; default 256 KiB. */
  readonly batchBytes?: number;
  /** Above this, `send` gives false; at twice this, it throws. Default 32 MiB. */
  readonly bufferBytes?: number;
  readonly compression?: Codec;
  /** How long a batch is tried again while brokers fail; default 2 minutes. */
  readonly deliveryTimeoutMs?: number;
}

export interface OutgoingRecord<Value = unknown, Key = unknown> {
  /** Text or bytes, or a value of the topic's key schema. Equal keys go to one partition, as with every Kafka client. */
  readonly key?: Key | null;
  /** Null is a tombstone. */
  readonly value: Value | null;
  /** Default: now. */
  readonly timestampMs?: number;
  readonly headers?: readonly RecordHeader[] | Readonly<Record<string, string | Uint8Array>>;
  /** Default: by the key; without one, batch by batch in turn. */
  readonly partition?: number;
}

export interface EventProducer {
  /**
   * Checks, encodes and buffers a record. False: much is buffered; await `drained()` before sending more.
   *
   * @throws ContractError for a record that its schema refuses; SchemasError SCHEMAS_PRODUCER_FULL, _CLOSED, _FAILED
   */
  send(topic: string, record: OutgoingRecord): boolean;
  /** As `send`, and waits until all in-sync replicas have the record (within `lingerMs` of a round trip). */
  deliver(topic: string, record: OutgoingRecord): Promise<Delivery>;
  /** Resolves when half of the buffer is free. */
  drained(): Promise<void>;
  /** Sends what is buffered and waits for it. @throws SchemasError for the first failure since the last flush */
  flush(): Promise<void>;
  /** Flushes and disconnects. */
  close(): Promise<void>;
  readonly bufferedBytes: number;
}

/**
 * A producer that cannot send what the registry has not agreed to: idempotent, acks = all, records written straight
 * into batches. Resolves when the registry has agreed to every schema and the brokers know every topic.
 *
 * @throws SchemasError SCHEMAS_INCOMPATIBLE, SCHEMAS_NOT_REGISTERED, SCHEMAS_PRODUCER_FAILED; RegistryError
 */
export async function createProducer(options: ProducerOptions): Promise<EventProducer> {
  const contracts = await agreeContracts(options);
  const connections = new BrokerConnections(options);
  try {
    await learnTopics(connections, [...contracts.keys()]);
    return new FastProducer({
      ...options,
      contracts,
      connections,
      identity: await learnIdentity(connections),
    });
  } catch (error) {
    await connections.close();
    if (error instanceof SchemasError) throw error;
    throw new SchemasError(
      'SCHEMAS_PRODUCER_FAILED',
      `no broker of ${options.brokers.join(', ')} could be used; check that they run and their addresses`,
      { cause: error, retriable: true },
    );
  }
}

const ATTEMPTS = 50;
const PAUSE_MS = 100;

/** A broker that has just started has no identities to give for a while. */
async function learnIdentity(connections: BrokerConnections): Promise<ProducerIdentity> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await connections.identity();
    } catch (error) {
      if (attempt === ATTEMPTS || findErrorBy(error as Error, 'canRetry', true) === null) throw error;
      await pause();
    }
  }
}

/** A topic that the broker makes at the first question takes a moment to have leaders. */
async function learnTopics(connections: BrokerConnections, topics: readonly string[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await connections.refresh(topics);
    const missing = topics.find(
      (topic) => connections.partitionCount(topic) === 0 || connections.leader(topic, 0) < 0,
    );
    if (missing === undefined) return;
    if (attempt === ATTEMPTS) {
      throw new SchemasError(
        'SCHEMAS_PRODUCER_FAILED',
        `topic "${missing}" does not exist and the broker does not make it; create it first`,
      );
    }
    await pause();
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
