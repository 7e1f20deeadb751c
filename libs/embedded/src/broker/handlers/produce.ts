import {
  RecordBatchError,
  checkBatch,
  readBatchHeader,
  RecordCursor,
  type BatchHeader,
} from '@millrace/record-batch';
import type { Broker } from '../broker.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import { produce } from '../protocol/messages/index.ts';
import { StorageError } from '../../errors.ts';
import type { Topic } from '../topics/topic-store.ts';
import { handler } from './handler.ts';

/** From this version on a client may send zstd. */
const ZSTD_VERSION = 7;

/** From this version on a client knows the error that asks it to abort its transaction (KIP-890). */
const ABORTABLE_VERSION = 11;

interface Outcome {
  readonly errorCode: number;
  readonly baseOffset?: number;
  readonly logAppendTimeMs?: number;
  readonly logStartOffset?: number;
  readonly errorMessage?: string;
}

/** Appends each partition's batch as it came; only its header and checksum are looked at. */
export const produceHandler = handler(produce, {
  handle(request, { broker, version }) {
    const acksFault = request.acks !== 0 && request.acks !== 1 && request.acks !== -1;
    const responses = request.topicData.map(({ name, partitionData }) => ({
      name,
      partitionResponses: partitionData.map(({ index, records }) => {
        const target = { name, index, records, version, transactional: request.transactionalId !== null };
        const outcome = acksFault ? { errorCode: ErrorCode.invalidRequiredAcks } : append(broker, target);
        return { index, baseOffset: -1, recordErrors: [], errorMessage: null, ...outcome };
      }),
    }));
    return request.acks === 0 ? undefined : { responses };
  },
  refuse: (request, errorCode) => ({
    responses: request.topicData.map(({ name, partitionData }) => ({
      name,
      partitionResponses: partitionData.map(({ index }) => ({
        index,
        errorCode,
        baseOffset: -1,
        recordErrors: [],
      })),
    })),
  }),
});

interface Target {
  readonly name: string;
  readonly index: number;
  readonly records: Buffer | null;
  readonly version: number;
  readonly transactional: boolean;
}

function append(broker: Broker, target: Target): Outcome {
  const topic = broker.topicForUse(target.name, false);
  const log = topic?.partitions[target.index];
  if (topic === undefined || log === undefined) return { errorCode: ErrorCode.unknownTopicOrPartition };
  if (topic.internal) return { errorCode: ErrorCode.invalidTopic };
  const checked = check(target, topic);
  if ('errorCode' in checked) return checked;
  const { header, records } = checked;
  if (header.isTransactional) {
    const errorCode = broker.transactions.verify(header, target.name, target.index);
    const isAbortable = errorCode === ErrorCode.invalidTxnState && target.version >= ABORTABLE_VERSION;
    if (isAbortable) return { errorCode: ErrorCode.transactionAbortable };
    if (errorCode !== ErrorCode.none) return { errorCode };
  }
  const verdict = log.producers.check(header);
  if (!verdict.ok) return { errorCode: verdict.errorCode, errorMessage: verdict.message };
  const done = { errorCode: ErrorCode.none, logStartOffset: log.startOffset };
  if (verdict.duplicateOf !== undefined) return { ...done, baseOffset: verdict.duplicateOf };
  try {
    const baseOffset = log.append(records, header);
    return { ...done, baseOffset, logAppendTimeMs: log.config.logAppendTime ? header.maxTimestampMs : -1 };
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    broker.settings.onError(error, 'Produce');
    return { errorCode: ErrorCode.kafkaStorageError, errorMessage: error.message };
  }
}

function check(target: Target, topic: Topic): Outcome | { header: BatchHeader; records: Buffer } {
  const { records, version } = target;
  const invalid = (errorMessage: string): Outcome => ({ errorCode: ErrorCode.invalidRecord, errorMessage });
  if (records === null || records.length === 0) return invalid('The request holds no record batch.');
  if (records.length > topic.config.number('max.message.bytes')) {
    const limit = topic.config.get('max.message.bytes');
    const errorMessage = `The batch has ${records.length} bytes; max.message.bytes of the topic is ${limit}.`;
    return { errorCode: ErrorCode.messageTooLarge, errorMessage };
  }
  try {
    const header = readBatchHeader(records, 0);
    if (header === undefined) return { errorCode: ErrorCode.corruptMessage };
    if (header.byteLength !== records.length)
      return invalid('There must be exactly one batch per partition.');
    checkBatch(records, header);
    if (header.isControl) return invalid('Clients may not write control records.');
    if (header.recordCount !== header.lastOffsetDelta + 1) return invalid('The record count is wrong.');
    if (header.isTransactional && !target.transactional) {
      return { errorCode: ErrorCode.transactionalIdAuthorizationFailed };
    }
    if (header.compression === 'zstd' && version < ZSTD_VERSION) {
      return { errorCode: ErrorCode.unsupportedCompressionType };
    }
    if (topic.config.compacts && hasRecordWithoutKey(records)) {
      return invalid('Records of a compacted topic must have a key.');
    }
    return { header, records };
  } catch (error) {
    if (!(error instanceof RecordBatchError)) throw error;
    const errorCode =
      error.code === 'RECORD_BATCH_MAGIC' ? ErrorCode.invalidRecord : ErrorCode.corruptMessage;
    return { errorCode, errorMessage: error.message };
  }
}

function hasRecordWithoutKey(batch: Buffer): boolean {
  const cursor = new RecordCursor();
  cursor.open(batch, { checkCrc: false });
  while (cursor.next()) if (cursor.keyStart < 0) return true;
  return false;
}
