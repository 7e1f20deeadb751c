import { RecordCursor } from '@millrace/record-batch';
import { StreamsError } from '../errors.ts';
import type { Cluster, TopicPartition } from '../kafka/cluster.ts';
import { fetchApi } from '../kafka/fetch.ts';
import { retrying } from '../kafka/retry.ts';

export interface ReadChangelogOptions extends TopicPartition {
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: { readonly offset: number; readonly endOffset: number }) => void;
}

/** The last value of each key of a changelog partition (null: a tombstone), and how many records were read for it. */
export interface Changelog {
  readonly values: Map<string, Buffer | null>;
  readonly recordCount: number;
}

const maxBytes = 8 * 1024 * 1024;

/**
 * Reads a changelog partition to its end. The end is that of all records, not of committed ones: a transaction that is still
 * open there is waited for, because it may be the last one of the task's former owner.
 */
export async function readChangelog(options: ReadChangelogOptions): Promise<Changelog> {
  const { cluster, topic, partition, signal, onProgress } = options;
  const place = { topic, partition };
  const [offset = 0] = await retrying(() => cluster.listOffsets([place], -2, 'uncommitted'), { signal });
  const [endOffset = 0] = await retrying(() => cluster.listOffsets([place], -1, 'uncommitted'), { signal });
  const values = new Map<string, Buffer | null>();
  const cursor = new RecordCursor();
  let recordCount = 0;
  for (let next = offset; next < endOffset;) {
    const from = next;
    const fetched = await retrying(() => fetchOnce(cluster, place, from), { signal });
    const { records, abortedTransactions } = fetched;
    if (records === undefined) continue;
    cursor.open(records, { fromOffset: from, abortedTransactions });
    while (cursor.next()) {
      const { bytes, keyStart, keyEnd, valueStart, valueEnd } = cursor;
      recordCount++;
      const key = bytes.toString('latin1', keyStart, keyEnd);
      values.set(key, valueStart < 0 ? null : bytes.subarray(valueStart, valueEnd));
    }
    next = cursor.nextOffset;
    onProgress?.({ offset: next, endOffset });
  }
  return { values, recordCount };
}

async function fetchOnce(cluster: Cluster, { topic, partition }: TopicPartition, offset: number) {
  const leader = await cluster.leaderOf({ topic, partition });
  try {
    const [fetched] = await cluster.send(
      'restore',
      leader,
      fetchApi,
      { maxWaitMs: 200, minBytes: 1, maxBytes: 2 * maxBytes },
      [{ topic, partition, offset, maxBytes }],
    );
    if (fetched !== undefined && fetched.errorCode === 0) return fetched;
    throw new StreamsError(
      'STREAMS_BROKER',
      `reading changelog ${topic}/${partition} at ${offset} gave error ${fetched?.errorCode ?? 'none'}`,
      { retriable: true },
    );
  } catch (error) {
    cluster.forgetLeaders();
    throw error;
  }
}
