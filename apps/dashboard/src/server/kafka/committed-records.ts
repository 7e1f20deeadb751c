import { AbortedTransactions, type ControlType } from '@millrace/record-batch';
import type { Consumer, RecordsBatch } from '@platformatic/kafka';

/** A record of a topic as the dashboard reads it. */
export interface TopicRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [string, string])[];
}

type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>;
type Fetched = Pick<
  FetchResponse['responses'][number]['partitions'][number],
  'abortedTransactions' | 'records'
>;

const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
const ABORT = 0;

/**
 * The committed records of one fetched partition from `fromOffset` on, and the offset to go on with, which is also past
 * markers and aborted records. The client's own filter knows one aborted transaction per producer and only those whose
 * marker came in the same response, so that this one stands behind it.
 *
 * @see https://kafka.apache.org/protocol (Fetch, aborted_transactions)
 */
export function committedRecords(
  fetched: Fetched,
  fromOffset: number,
): { readonly records: TopicRecord[]; readonly nextOffset: number } {
  const aborted = new AbortedTransactions(
    (fetched.abortedTransactions ?? []).map(({ producerId, firstOffset }) => ({
      producerId: Number(producerId),
      firstOffset: Number(firstOffset),
    })),
  );
  const records: TopicRecord[] = [];
  let nextOffset = fromOffset;
  for (const batch of fetched.records ?? []) {
    const baseOffset = Number(batch.firstOffset);
    const lastOffset = baseOffset + batch.lastOffsetDelta;
    const marker = markerOf(batch);
    const isTransactional = (batch.attributes & TRANSACTIONAL) !== 0;
    const producerId = Number(batch.producerId);
    nextOffset = Math.max(nextOffset, lastOffset + 1);
    const isAborted = aborted.coversBatch({
      lastOffset,
      producerId,
      isTransactional,
      ...(marker && { marker }),
    });
    if (isAborted || marker !== undefined) continue;
    for (const record of batch.records) {
      const offset = baseOffset + record.offsetDelta;
      if (offset < fromOffset) continue;
      records.push({
        offset,
        timestampMs: Number(batch.firstTimestamp + record.timestampDelta),
        key: record.key,
        value: record.value,
        headers: record.headers.map(([name, value]) => [String(name ?? ''), String(value ?? '')] as const),
      });
    }
  }
  return { records, nextOffset };
}

function markerOf({ attributes, records }: RecordsBatch): ControlType | undefined {
  if ((attributes & CONTROL) === 0) return undefined;
  return records[0]?.key?.readInt16BE(2) === ABORT ? 'abort' : 'commit';
}
