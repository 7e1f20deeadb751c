import { RecordCursor } from '@millrace/record-batch';
import { StreamsError } from '../errors.ts';
import type { Cluster, TopicPartition } from '../kafka/cluster.ts';
import { fetchApi } from '../kafka/fetch.ts';
import { retrying } from '../kafka/retry.ts';
import { StateCopy } from './state-copy.ts';

export interface ReadChangelogOptions extends TopicPartition {
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
  /** Gives what is there already, to be brought up to date. */
  readonly from?: (bounds: ChangelogBounds) => Promise<StateCopy | undefined>;
  readonly onProgress?: (progress: { readonly offset: number; readonly endOffset: number }) => void;
}

/** The offsets that a changelog partition has now. */
export interface ChangelogBounds {
  readonly start: number;
  readonly end: number;
}

/** The state that a changelog partition tells of, and how many records were read for it. */
export interface Changelog {
  readonly copy: StateCopy;
  readonly recordCount: number;
}

const maxBytes = 8 * 1024 * 1024;

/**
 * Reads a changelog partition to its end, from its start or from what is there already. The end is that of all records, not of
 * committed ones: a transaction that is still open there is waited for, because it may be the last one of the task's former owner.
 */
export async function readChangelog(options: ReadChangelogOptions): Promise<Changelog> {
  const { cluster, topic, partition, signal, from, onProgress } = options;
  const place = { topic, partition };
  const [start = 0] = await retrying(() => cluster.listOffsets([place], -2, 'uncommitted'), { signal });
  const [endOffset = 0] = await retrying(() => cluster.listOffsets([place], -1, 'uncommitted'), { signal });
  const copy = (await from?.({ start, end: endOffset })) ?? new StateCopy();
  copy.nextOffset ??= start;
  const cursor = new RecordCursor();
  let recordCount = 0;
  while (copy.nextOffset < endOffset) {
    const fromOffset = copy.nextOffset;
    const fetched = await retrying(() => fetchOnce(cluster, place, fromOffset), { signal });
    const { records, abortedTransactions } = fetched;
    if (records === undefined) continue;
    cursor.open(records, { fromOffset, abortedTransactions });
    while (cursor.next()) {
      const { bytes, keyStart, keyEnd, valueStart, valueEnd } = cursor;
      recordCount++;
      const key = bytes.toString('latin1', keyStart, keyEnd);
      copy.apply(key, valueStart < 0 ? null : bytes.subarray(valueStart, valueEnd));
    }
    copy.nextOffset = cursor.nextOffset;
    onProgress?.({ offset: copy.nextOffset, endOffset });
  }
  return { copy, recordCount };
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
