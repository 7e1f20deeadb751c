import type { Alarm } from '../clock.ts';
import { ByteReader } from '../protocol/byte-reader.ts';
import { ByteWriter } from '../protocol/byte-writer.ts';
import { decode, encode } from '../protocol/codec.ts';
import { f, list, listOrNull } from '../protocol/schema.ts';

/** The states of a transactional id, in the order of the numbers that `__transaction_state` uses for them. */
const STATES = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
] as const;
export type TransactionState = (typeof STATES)[number];

/** What is known of one transactional id. */
export interface Transaction {
  readonly transactionalId: string;
  producerId: number;
  epoch: number;
  /** The epoch before, if its own producer asked for a new one. */
  lastEpoch?: number | undefined;
  timeoutMs: number;
  state: TransactionState;
  /** The partitions that the open transaction has been announced to write to. */
  partitions: Map<string, Set<number>>;
  startMs: number;
  updateMs: number;
  alarm?: Alarm | undefined;
}

/** The record of `__transaction_state`, as Apache Kafka writes it. */
const keyFields = { transactionalId: f('string') };
const valueFields = {
  producerId: f('int64'),
  producerEpoch: f('int16'),
  transactionTimeoutMs: f('int32'),
  transactionStatus: f('int8'),
  transactionPartitions: listOrNull({ topic: f('string'), partitionIds: list('int32') }),
  lastUpdateMs: f('int64'),
  startMs: f('int64'),
};
const FORM = { version: 0, flexible: false };

export function encodeTransactionKey(transactionalId: string): Buffer {
  const writer = new ByteWriter(64);
  writer.int16(FORM.version);
  encode(keyFields, { transactionalId }, { writer, ...FORM });
  return Buffer.concat(writer.finish());
}

export function encodeTransaction(transaction: Transaction): Buffer {
  const writer = new ByteWriter(64);
  writer.int16(FORM.version);
  const transactionPartitions = [...transaction.partitions].map(([topic, ids]) => ({
    topic,
    partitionIds: [...ids],
  }));
  const value = {
    producerId: transaction.producerId,
    producerEpoch: transaction.epoch,
    transactionTimeoutMs: transaction.timeoutMs,
    transactionStatus: STATES.indexOf(transaction.state),
    transactionPartitions: transaction.state === 'Empty' ? null : transactionPartitions,
    lastUpdateMs: transaction.updateMs,
    startMs: transaction.startMs,
  };
  encode(valueFields, value, { writer, ...FORM });
  return Buffer.concat(writer.finish());
}

export function decodeTransactionKey(bytes: Buffer): string {
  const reader = new ByteReader(bytes);
  reader.int16();
  return decode(keyFields, reader, FORM).transactionalId;
}

export function decodeTransaction(transactionalId: string, bytes: Buffer): Transaction {
  const reader = new ByteReader(bytes);
  reader.int16();
  const value = decode(valueFields, reader, FORM);
  return {
    transactionalId,
    producerId: value.producerId,
    epoch: value.producerEpoch,
    timeoutMs: value.transactionTimeoutMs,
    state: STATES[value.transactionStatus] ?? 'Empty',
    partitions: new Map((value.transactionPartitions ?? []).map((p) => [p.topic, new Set(p.partitionIds)])),
    startMs: value.startMs,
    updateMs: value.lastUpdateMs,
  };
}
