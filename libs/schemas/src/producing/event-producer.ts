import type { Codec, RecordHeader } from '@millrace/record-batch';
import type { ContractOptions } from './contracts.ts';
import type { BrokerOptions } from './fast/broker-connections.ts';
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
