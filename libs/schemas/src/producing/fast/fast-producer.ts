import type { RecordHeader } from '@millrace/record-batch';
import { SchemasError } from '../../errors.ts';
import { contractOf, PLAIN_KEY_FAULT, refused, type TopicContract } from '../contracts.ts';
import type { EventProducer, OutgoingRecord, ProducerOptions } from '../event-producer.ts';
import { BatchSender } from './batch-sender.ts';
import type { BrokerConnections, ProducerIdentity } from './broker-connections.ts';
import { partitionOf } from './murmur2.ts';
import { PartitionQueue, type Delivery, type EncodedRecord } from './partition-queue.ts';

export interface FastProducerOptions extends Pick<
  ProducerOptions,
  'lingerMs' | 'batchBytes' | 'bufferBytes' | 'compression' | 'deliveryTimeoutMs'
> {
  readonly contracts: ReadonlyMap<string, TopicContract>;
  readonly connections: BrokerConnections;
  readonly identity: ProducerIdentity;
}

interface TopicState {
  readonly contract: TopicContract;
  queues: PartitionQueue[];
  /** Where records without a key go until their batch is full. */
  sticky: number;
}

const NOTHING = new Uint8Array(0);
const utf8 = new TextEncoder();
const MIB = 1_048_576;

export class FastProducer implements EventProducer {
  bufferedBytes = 0;
  readonly #topics = new Map<string, TopicState>();
  readonly #options: FastProducerOptions;
  readonly #batchBytes: number;
  readonly #bufferBytes: number;
  readonly #sender: BatchSender;
  #keyScratch = new Uint8Array(1024);
  readonly #record: EncodedRecord = {
    keyBytes: NOTHING,
    keyStart: -1,
    keyEnd: -1,
    valueBytes: NOTHING,
    valueStart: -1,
    valueEnd: -1,
  };
  #state: 'open' | 'closed' | SchemasError = 'open';
  #failure: SchemasError | undefined;
  #whenDrained: (() => void)[] = [];
  #whenEmpty: (() => void)[] = [];

  constructor(options: FastProducerOptions) {
    this.#options = options;
    this.#batchBytes = options.batchBytes ?? 256 * 1024;
    this.#bufferBytes = options.bufferBytes ?? 32 * MIB;
    this.#sender = new BatchSender({
      connections: options.connections,
      identity: options.identity,
      lingerMs: options.lingerMs ?? 5,
      deliveryTimeoutMs: options.deliveryTimeoutMs ?? 120_000,
      onSettled: (bytes, error) => this.#settled(bytes, error),
      onBroken: (error) => this.#broke(error),
    });
  }

  send(topic: string, record: OutgoingRecord): boolean {
    this.#append(topic, record);
    return this.bufferedBytes < this.#bufferBytes;
  }

  async deliver(topic: string, record: OutgoingRecord): Promise<Delivery> {
    const { batch, index } = this.#append(topic, record).lastAppended();
    return new Promise((resolve, reject) => batch.waiting.push({ index, resolve, reject }));
  }

  drained(): Promise<void> {
    if (this.bufferedBytes <= this.#bufferBytes / 2) return Promise.resolve();
    return new Promise((resolve) => this.#whenDrained.push(resolve));
  }

  async flush(): Promise<void> {
    if (this.bufferedBytes > 0 && !(this.#state instanceof SchemasError)) {
      await new Promise<void>((resolve) => {
        this.#whenEmpty.push(resolve);
        this.#sender.sendAll();
      });
    }
    const failure = this.#failure ?? (this.#state instanceof SchemasError ? this.#state : undefined);
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    try {
      await this.flush();
    } finally {
      this.#state = 'closed';
      this.#sender.stop();
      await this.#options.connections.close();
    }
  }

  /** The queue that the record went to. */
  #append(topic: string, record: OutgoingRecord): PartitionQueue {
    if (this.#state !== 'open') throw this.#unusable();
    if (this.bufferedBytes >= 2 * this.#bufferBytes) throw this.#full();
    const state = this.#topics.get(topic) ?? this.#open(topic);
    const { contract } = state;
    const nowMs = Date.now();
    const { timestampMs = nowMs } = record;
    if (!Number.isSafeInteger(timestampMs)) {
      const fix = `${timestampMs} is no time; send whole milliseconds since the epoch`;
      throw refused(contract, 0, [{ part: 'value', path: '(timestampMs)', rule: 'range', fix }]);
    }
    this.#encodeValue(contract, record.value);
    this.#encodeKey(contract, record.key);
    const queue = this.#queueOf(state, record.partition);
    const headers = record.headers === undefined ? undefined : headerList(record.headers);
    const bytes = queue.append(timestampMs, this.#record, headers, nowMs);
    if (bytes < 0) {
      const fix = 'key, value and headers together do not fit into one batch; send less';
      throw refused(contract, 0, [{ part: 'value', path: '(whole)', rule: 'size', fix }]);
    }
    this.bufferedBytes += bytes;
    if (queue.sealed.length > 0) state.sticky = (state.sticky + 1) % state.queues.length;
    this.#sender.wake(queue);
    return queue;
  }

  #encodeValue({ value: encoder, topic }: TopicContract, value: unknown): void {
    const record = this.#record;
    if (value === null) {
      record.valueStart = -1;
      return;
    }
    const end = encoder.encode(value);
    if (end < 0) throw refused({ topic, value: encoder, key: undefined }, 0, encoder.faults(value));
    record.valueBytes = encoder.bytes;
    record.valueStart = 0;
    record.valueEnd = end;
  }

  #encodeKey(contract: TopicContract, key: unknown): void {
    const record = this.#record;
    record.keyStart = 0;
    if (contract.key !== undefined) {
      record.keyEnd = contract.key.encode(key);
      if (record.keyEnd < 0) throw refused(contract, 0, contract.key.faults(key));
      record.keyBytes = contract.key.bytes;
    } else if (key === null || key === undefined) record.keyStart = -1;
    else if (typeof key === 'string') {
      if (this.#keyScratch.length < key.length * 3) this.#keyScratch = new Uint8Array(key.length * 3);
      record.keyBytes = this.#keyScratch;
      record.keyEnd = putKey(key, this.#keyScratch);
    } else if (key instanceof Uint8Array) {
      record.keyBytes = key;
      record.keyEnd = key.length;
    } else throw refused(contract, 0, [PLAIN_KEY_FAULT]);
  }

  #queueOf(state: TopicState, partition: number | undefined): PartitionQueue {
    const { keyBytes, keyStart, keyEnd } = this.#record;
    const { queues } = state;
    const chosen =
      partition ?? (keyStart < 0 ? state.sticky : partitionOf(keyBytes, keyStart, keyEnd, queues.length));
    const queue = queues[chosen];
    if (queue !== undefined) return queue;
    const fix = `the topic has partitions 0 to ${queues.length - 1}`;
    throw refused(state.contract, 0, [{ part: 'value', path: '(partition)', rule: 'range', fix }]);
  }

  #open(topic: string): TopicState {
    const contract = contractOf(this.#options.contracts, topic);
    const { connections, compression = 'none' } = this.#options;
    const options = { batchBytes: this.#batchBytes, compression };
    const queues = Array.from(
      { length: connections.partitionCount(topic) },
      (_, partition) => new PartitionQueue(topic, partition, options),
    );
    const state = { contract, queues, sticky: 0 };
    this.#topics.set(topic, state);
    return state;
  }

  #settled(bytes: number, error: SchemasError | undefined): void {
    this.bufferedBytes -= bytes;
    this.#failure ??= error;
    if (this.bufferedBytes <= this.#bufferBytes / 2)
      this.#whenDrained.splice(0).forEach((resume) => resume());
    if (this.bufferedBytes === 0) this.#whenEmpty.splice(0).forEach((resume) => resume());
    else if (this.#whenEmpty.length > 0) queueMicrotask(() => this.#sender.sendAll());
  }

  #broke(error: SchemasError): void {
    this.#state = error;
    for (const resume of [...this.#whenDrained.splice(0), ...this.#whenEmpty.splice(0)]) resume();
  }

  #unusable(): SchemasError {
    if (this.#state instanceof SchemasError) return this.#state;
    return new SchemasError('SCHEMAS_PRODUCER_CLOSED', 'the producer is closed; make a new one');
  }

  #full(): SchemasError {
    return new SchemasError(
      'SCHEMAS_PRODUCER_FULL',
      `${this.bufferedBytes} bytes are buffered; await drained() when send gives false`,
      { retriable: true },
    );
  }
}

/** ASCII, which most keys are, without a call. */
function putKey(key: string, into: Uint8Array): number {
  for (let index = 0; index < key.length; index++) {
    const code = key.charCodeAt(index);
    if (code > 127) return utf8.encodeInto(key, into).written;
    into[index] = code;
  }
  return key.length;
}

function headerList(headers: NonNullable<OutgoingRecord['headers']>): readonly RecordHeader[] {
  if (Array.isArray(headers)) return headers as readonly RecordHeader[];
  return Object.entries(headers).map(([name, value]) => ({
    name,
    value: typeof value === 'string' ? Buffer.from(value) : Buffer.from(value as Uint8Array),
  }));
}
