import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  findCoordinator,
  initProducerId,
  txnOffsetCommit,
} from '../src/broker/protocol/messages/index.ts';
import type { WireClient } from './wire-client.ts';

const CONCURRENT_TRANSACTIONS = 51;
const COORDINATOR_LOADING = 14;
const COORDINATOR_NOT_AVAILABLE = 15;
const NOT_COORDINATOR = 16;
const PASSING = new Set([
  CONCURRENT_TRANSACTIONS,
  COORDINATOR_LOADING,
  COORDINATOR_NOT_AVAILABLE,
  NOT_COORDINATOR,
]);

/** Who a transactional producer is. */
export interface Identity {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** Repeats a request while the coordinator says that it is not ready, as Apache Kafka does after a commit or at first use. */
export async function patiently<T>(call: () => Promise<T>, errorOf: (answer: T) => number): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const answer = await call();
    if (!PASSING.has(errorOf(answer)) || attempt > 200) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Finds the coordinator of a transactional id or group, which makes Apache Kafka create its own topics. */
export async function awaitCoordinator(client: WireClient, key: string, keyType: 0 | 1): Promise<void> {
  await patiently(
    () => client.call(findCoordinator, { keyType, coordinatorKeys: [key] }),
    (answer) => answer.coordinators[0]!.errorCode,
  );
}

export async function initTransactions(
  client: WireClient,
  transactionalId: string,
  options: { timeoutMs?: number; version?: number } = {},
): Promise<Identity & { errorCode: number }> {
  await awaitCoordinator(client, transactionalId, 1);
  const request = { transactionalId, transactionTimeoutMs: options.timeoutMs ?? 60_000 };
  const answer = await patiently(
    () => client.call(initProducerId, request, options.version ?? 4),
    (one) => one.errorCode,
  );
  return { transactionalId, ...answer };
}

/** @returns the error code of the first partition */
export async function addPartition(
  client: WireClient,
  who: Identity,
  topic: string,
  partition = 0,
): Promise<number> {
  const answer = await patiently(
    () => client.call(addPartitionsToTxn, { ...who, topics: [{ name: topic, partitions: [partition] }] }),
    (one) => one.results[0]!.resultsByPartition[0]!.partitionErrorCode,
  );
  return answer.results[0]!.resultsByPartition[0]!.partitionErrorCode;
}

/** Commits one partition's offset of a group in a transaction. @returns the error code */
export async function commitInTransaction(
  client: WireClient,
  who: Identity,
  commit: {
    groupId: string;
    topic: string;
    offset: number;
    generationId?: number;
    memberId?: string;
    groupInstanceId?: string;
  },
): Promise<number> {
  await awaitCoordinator(client, commit.groupId, 0);
  const added = await patiently(
    () => client.call(addOffsetsToTxn, { ...who, groupId: commit.groupId }, 3),
    (one) => one.errorCode,
  );
  if (added.errorCode !== 0) return added.errorCode;
  const partition = { partitionIndex: 0, committedOffset: commit.offset, committedMetadata: '' };
  const request = { ...who, ...commit, topics: [{ name: commit.topic, partitions: [partition] }] };
  const answer = await patiently(
    () => client.call(txnOffsetCommit, request, 3),
    (one) => one.topics[0]!.partitions[0]!.errorCode,
  );
  return answer.topics[0]!.partitions[0]!.errorCode;
}

/** @returns the error code */
export async function endTransaction(client: WireClient, who: Identity, committed: boolean): Promise<number> {
  const answer = await patiently(
    () => client.call(endTxn, { ...who, committed }, 3),
    (one) => one.errorCode,
  );
  return answer.errorCode;
}
