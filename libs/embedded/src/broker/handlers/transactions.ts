import { ErrorCode } from '../protocol/error-code.ts';
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  initProducerId,
  txnOffsetCommit,
} from '../protocol/messages/index.ts';
import type { Decoded } from '../protocol/schema.ts';
import { handler } from './handler.ts';

/** Up to this version clients know a fenced producer by another error. */
const OLD_FENCING_VERSION = 1;
const OLD_FENCING_VERSION_OF_INIT = 3;

/** From this version on TxnOffsetCommit may ask a client to abort its transaction (KIP-890). */
const ABORTABLE_VERSION = 4;

function fencing(errorCode: number, isOld: boolean): number {
  return isOld && errorCode === ErrorCode.producerFenced ? ErrorCode.invalidProducerEpoch : errorCode;
}

/** Gives an idempotent or transactional producer its id and epoch. */
export const initProducerIdHandler = handler(initProducerId, {
  handle(request, { broker, version }) {
    const { transactionalId, transactionTimeoutMs: timeoutMs, producerId, producerEpoch } = request;
    const result = broker.transactions.init({ transactionalId, timeoutMs, producerId, producerEpoch });
    return { ...result, errorCode: fencing(result.errorCode, version <= OLD_FENCING_VERSION_OF_INIT) };
  },
  refuse: (_, errorCode) => ({ errorCode, producerEpoch: -1 }),
});

type AddRequest = Decoded<typeof addPartitionsToTxn.request>;

function addResults(request: AddRequest, errorOf: (topic: string, partition: number) => number) {
  return {
    results: request.topics.map(({ name, partitions }) => ({
      name,
      resultsByPartition: partitions.map((partitionIndex) => ({
        partitionIndex,
        partitionErrorCode: errorOf(name, partitionIndex),
      })),
    })),
  };
}

/** Announces partitions that a transaction will write to. */
export const addPartitionsToTxnHandler = handler(addPartitionsToTxn, {
  handle(request, { broker, version }) {
    const missing = (topic: string, partition: number) => broker.topics.log(topic, partition) === undefined;
    const places = request.topics.map(({ name: topic, partitions }) => ({ topic, partitions }));
    if (places.some(({ topic, partitions }) => partitions.some((partition) => missing(topic, partition)))) {
      return addResults(request, (topic, partition) =>
        missing(topic, partition) ? ErrorCode.unknownTopicOrPartition : ErrorCode.operationNotAttempted,
      );
    }
    const errorCode = fencing(
      broker.transactions.addPartitions(request, places),
      version <= OLD_FENCING_VERSION,
    );
    return addResults(request, () => errorCode);
  },
  refuse: (request, errorCode) => addResults(request, () => errorCode),
});

/** Announces that a transaction will commit offsets of a group. */
export const addOffsetsToTxnHandler = handler(addOffsetsToTxn, {
  handle: (request, { broker, version }) => ({
    errorCode: fencing(broker.transactions.addOffsets(request), version <= OLD_FENCING_VERSION),
  }),
  refuse: (_, errorCode) => ({ errorCode }),
});

type CommitRequest = Decoded<typeof txnOffsetCommit.request>;

function commitResults({ topics }: CommitRequest, errorCode: number) {
  return {
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  };
}

/** Commits a group's offsets inside a transaction; members that the group has left behind are refused (KIP-447). */
export const txnOffsetCommitHandler = handler(txnOffsetCommit, {
  handle(request, { broker, version }) {
    const errorCode = broker.transactions.verifyOffsets(request);
    if (errorCode === ErrorCode.invalidTxnState && version >= ABORTABLE_VERSION) {
      return commitResults(request, ErrorCode.transactionAbortable);
    }
    if (errorCode !== ErrorCode.none) {
      return commitResults(request, fencing(errorCode, version <= OLD_FENCING_VERSION));
    }
    return { topics: broker.offsets.commit(request, request) };
  },
  refuse: commitResults,
});

/** Commits or aborts a transaction. */
export const endTxnHandler = handler(endTxn, {
  handle(request, { broker, version }) {
    const errorCode = broker.transactions.end(request, request.committed ? 'commit' : 'abort');
    return { errorCode: fencing(errorCode, version <= OLD_FENCING_VERSION) };
  },
  refuse: (_, errorCode) => ({ errorCode }),
});
