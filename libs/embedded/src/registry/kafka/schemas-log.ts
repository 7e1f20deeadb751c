import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionOptions } from 'node:tls';
import { BatchWriter, RecordBatchError, RecordCursor } from '@millrace/record-batch';
import { ErrorCode } from '../../broker/protocol/error-code.ts';
import { fetch } from '../../broker/protocol/messages/fetch.ts';
import { listOffsets } from '../../broker/protocol/messages/list-offsets.ts';
import { produce } from '../../broker/protocol/messages/produce.ts';
import { RegistryError, unprocessable } from '../errors.ts';
import { KafkaConnection, type BrokerAddress } from './connection.ts';
import { logIn, type SaslLogin } from './sasl.ts';
import { locateTopic } from './topic.ts';

const PRODUCE_VERSION = 9;
const FETCH_VERSION = 12;
const LIST_OFFSETS_VERSION = 7;
const ALL_REPLICAS = -1;
const EARLIEST = -2;
const FETCH_BYTES = 8 * 1024 * 1024;
const RETRY_MS = 50;
const MAX_RETRY_MS = 1_000;

export interface KeyValue {
  readonly key: Buffer;
  readonly value: Buffer | null;
}

export interface SchemasLogOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly tls?: ConnectionOptions;
  readonly sasl?: SaslLogin;
  /** For each attempt and each answer. */
  readonly requestTimeoutMs: number;
  /** Called for each record in the order of the log, own ones included. */
  readonly apply: (record: KeyValue) => void;
  /** Called when the log has to be read from its beginning again. */
  readonly reset: () => void;
}

/** The topic that holds the registry's state: read from its beginning, then appended to. Not for concurrent calls. */
export class SchemasLog {
  readonly #options: SchemasLogOptions;
  readonly #cursor = new RecordCursor();
  readonly #writer = new BatchWriter();
  #connection: KafkaConnection | undefined;
  #position = 0;

  constructor(options: SchemasLogOptions) {
    this.#options = options;
  }

  /**
   * Reads everything that is new, connecting where necessary; tries again for `patienceMs`.
   *
   * @throws REGISTRY_STORE, REGISTRY_STORE_TIMEOUT when that does not help; REGISTRY_TOPIC at once
   */
  async catchUp(patienceMs: number, onFailure?: (error: RegistryError) => void): Promise<void> {
    const deadline = Date.now() + patienceMs;
    for (let waitMs = RETRY_MS; ; waitMs = Math.min(2 * waitMs, MAX_RETRY_MS)) {
      try {
        return await this.#readToEnd();
      } catch (error) {
        this.#drop();
        if (!(error instanceof RegistryError) || !error.retriable) throw error;
        onFailure?.(error);
        if (Date.now() + waitMs > deadline) throw error;
        await sleep(waitMs);
      }
    }
  }

  /**
   * Appends the records as one batch and applies them; resolves when all in-sync replicas have them. After an error
   * they may be there nevertheless: the next `catchUp` tells.
   *
   * @throws REGISTRY_STORE, REGISTRY_STORE_TIMEOUT; RestError 42209 when the broker finds the batch too large
   */
  async append(records: readonly KeyValue[]): Promise<void> {
    try {
      const baseOffset = await this.#produce(records);
      if (baseOffset !== this.#position) return await this.#readToEnd();
      for (const record of records) this.#options.apply(record);
      this.#position += records.length;
    } catch (error) {
      if (error instanceof RegistryError) this.#drop();
      throw error;
    }
  }

  close(): void {
    this.#drop();
  }

  async #produce(records: readonly KeyValue[]): Promise<number> {
    const connection = await this.#connected();
    const now = Date.now();
    this.#writer.reset();
    try {
      for (const { key, value } of records) this.#writer.append(now, key, value);
    } catch (error) {
      if (!(error instanceof RecordBatchError)) throw error;
      throw unprocessable.tooLarge(error.message);
    }
    const answer = await connection.send(produce, PRODUCE_VERSION, {
      acks: ALL_REPLICAS,
      timeoutMs: this.#options.requestTimeoutMs,
      topicData: [
        { name: this.#options.topic, partitionData: [{ index: 0, records: this.#writer.finish() }] },
      ],
    });
    const { errorCode, errorMessage, baseOffset } = answer.responses[0]!.partitionResponses[0]!;
    if (errorCode === ErrorCode.messageTooLarge || errorCode === ErrorCode.recordListTooLarge) {
      throw unprocessable.tooLarge(errorMessage ?? 'the broker refused the record');
    }
    if (errorCode !== ErrorCode.none) throw this.#refused('write to', errorCode, errorMessage);
    return baseOffset;
  }

  async #readToEnd(): Promise<void> {
    for (;;) {
      const connection = await this.#connected();
      const answer = await connection.send(fetch, FETCH_VERSION, {
        maxWaitMs: 0,
        minBytes: 0,
        maxBytes: FETCH_BYTES,
        topics: [
          {
            topic: this.#options.topic,
            partitions: [{ partition: 0, fetchOffset: this.#position, partitionMaxBytes: FETCH_BYTES }],
          },
        ],
      });
      const partition = answer.responses[0]?.partitions[0];
      const errorCode = partition?.errorCode ?? answer.errorCode;
      if (errorCode === ErrorCode.offsetOutOfRange) {
        await this.#restart(connection);
        continue;
      }
      if (errorCode !== ErrorCode.none || partition === undefined)
        throw this.#refused('read', errorCode, null);
      if (partition.records !== null && partition.records.length > 0) this.#applyAll(partition.records);
      if (this.#position >= partition.highWatermark) return;
    }
  }

  #applyAll(records: Buffer): void {
    const cursor = this.#cursor;
    cursor.open(records, { fromOffset: this.#position });
    while (cursor.next()) {
      const { bytes, keyStart, keyEnd, valueStart, valueEnd } = cursor;
      if (keyStart === -1) continue;
      const value = valueStart === -1 ? null : Buffer.from(bytes.subarray(valueStart, valueEnd));
      this.#options.apply({ key: Buffer.from(bytes.subarray(keyStart, keyEnd)), value });
    }
    this.#position = cursor.nextOffset;
  }

  /** The log begins later than we stand, or ends earlier: somebody made the topic anew. */
  async #restart(connection: KafkaConnection): Promise<void> {
    const answer = await connection.send(listOffsets, LIST_OFFSETS_VERSION, {
      replicaId: -1,
      topics: [{ name: this.#options.topic, partitions: [{ partitionIndex: 0, timestamp: EARLIEST }] }],
    });
    const { errorCode, offset } = answer.topics[0]!.partitions[0]!;
    if (errorCode !== ErrorCode.none) throw this.#refused('find the beginning of', errorCode, null);
    this.#options.reset();
    this.#position = offset;
  }

  async #connected(): Promise<KafkaConnection> {
    if (this.#connection !== undefined && !this.#connection.closed) return this.#connection;
    let failure: unknown;
    for (const broker of this.#options.brokers) {
      try {
        return (this.#connection = await this.#connectLeader(addressOf(broker)));
      } catch (error) {
        if (error instanceof RegistryError && !error.retriable) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  async #connectLeader(bootstrap: BrokerAddress): Promise<KafkaConnection> {
    const connection = await this.#open(bootstrap);
    try {
      // The first answer may be that the topic was only just created.
      const leader =
        (await locateTopic(connection, this.#options.topic)) ??
        (await locateTopic(connection, this.#options.topic));
      if (leader === undefined) {
        throw new RegistryError('REGISTRY_STORE', `topic ${this.#options.topic} has no leader yet`);
      }
      if (leader.host === bootstrap.host && leader.port === bootstrap.port) return connection;
      const toLeader = await this.#open(leader);
      connection.close();
      return toLeader;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async #open(address: BrokerAddress): Promise<KafkaConnection> {
    const { requestTimeoutMs: timeoutMs, tls, sasl } = this.#options;
    const connection = await KafkaConnection.open({ ...address, timeoutMs, ...(tls && { tls }) });
    try {
      if (sasl !== undefined) await logIn(connection, sasl);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  #drop(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  #refused(what: string, errorCode: number, message: string | null): RegistryError {
    const name = Object.entries(ErrorCode).find(([, code]) => code === errorCode)?.[0] ?? errorCode;
    const detail = message === null ? '' : `: ${message}`;
    return new RegistryError(
      errorCode === ErrorCode.requestTimedOut ? 'REGISTRY_STORE_TIMEOUT' : 'REGISTRY_STORE',
      `the broker would not ${what} topic ${this.#options.topic}: ${name}${detail}`,
    );
  }
}

/** @throws REGISTRY_NO_BROKER for anything but host:port */
export function addressOf(broker: string): BrokerAddress {
  const colon = broker.lastIndexOf(':');
  const host = broker.slice(0, colon).replace(/^\[|\]$/g, '');
  const port = Number(broker.slice(colon + 1));
  if (colon <= 0 || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new RegistryError('REGISTRY_NO_BROKER', `"${broker}" is no broker: write host:port`);
  }
  return { host, port };
}
