import type { Admin, Consumer } from '@platformatic/kafka';
import { committedRecords, type TopicRecord } from '../kafka/committed-records.ts';
import { fetchCommitted } from '../kafka/fetch-committed.ts';
import { hasTopic, partitionOffsets, type PartitionOffsets } from './topics.ts';

/** Offsets also count transaction markers and what compaction took: so many are read for each message wanted. */
const OFFSETS_PER_MESSAGE = 4;
const MAX_BYTES = 8_388_608;
const MAX_WAIT_MS = 250;
/** A partition's end may lie behind a transaction that is still open: no more answers than these are waited for. */
const MAX_EMPTY_ANSWERS = 2;

/** Which messages to read. */
export interface MessagesWanted {
  readonly topic: string;
  /** Default: all of them. */
  readonly partition?: number | undefined;
  /** Those before this offset; only with `partition`. Default: the newest ones. */
  readonly before?: number | undefined;
  readonly limit: number;
}

export interface PartitionRecord extends TopicRecord {
  readonly partition: number;
}

/** The newest committed messages, newest first. Undefined for a topic that there is not. */
export async function newestMessages(
  admin: Admin,
  consumer: Consumer,
  { topic, partition, before, limit }: MessagesWanted,
): Promise<PartitionRecord[] | undefined> {
  if (!(await hasTopic(admin, topic))) return undefined;
  const all = (await partitionOffsets(admin, [topic])).get(topic) ?? [];
  const wanted = partition === undefined ? all : all.filter((offsets) => offsets.partition === partition);
  consumer.topics.trackAll(...(consumer.topics.has(topic) ? [] : [topic]));
  const metadata = await consumer.metadata({ topics: [topic], forceUpdate: true });
  const described = metadata.topics.get(topic);
  if (described === undefined) return [];
  const read = wanted.map(async (offsets) => {
    const leader = described.partitions[offsets.partition]?.leader ?? -1;
    if (leader < 0) return [];
    const endOffset = Math.min(before ?? Infinity, offsets.endOffset);
    const records = await readRange(consumer, {
      topicId: described.id,
      leader,
      partition: offsets.partition,
      firstOffset: Math.max(offsets.firstOffset, endOffset - limit * OFFSETS_PER_MESSAGE),
      endOffset,
    });
    return records.slice(-limit).map((record) => ({ ...record, partition: offsets.partition }));
  });
  return (await Promise.all(read))
    .flat()
    .sort((a, b) => b.timestampMs - a.timestampMs || b.offset - a.offset)
    .slice(0, limit);
}

interface Range extends PartitionOffsets {
  readonly topicId: string;
  readonly leader: number;
}

async function readRange(consumer: Consumer, range: Range): Promise<TopicRecord[]> {
  const records: TopicRecord[] = [];
  let empty = 0;
  for (let offset = range.firstOffset; offset < range.endOffset && empty < MAX_EMPTY_ANSWERS;) {
    const response = await fetchCommitted(consumer, {
      node: range.leader,
      maxBytes: MAX_BYTES,
      maxWaitMs: MAX_WAIT_MS,
      topics: [{ topicId: range.topicId, partitions: [{ partition: range.partition, offset }] }],
    });
    const fetched = response.responses[0]?.partitions[0];
    if (fetched === undefined) break;
    const { records: more, nextOffset } = committedRecords(fetched, offset);
    records.push(...more.filter((record) => record.offset < range.endOffset));
    if (nextOffset === offset) empty++;
    offset = nextOffset;
  }
  return records;
}
