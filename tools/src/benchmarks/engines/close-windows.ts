import type { Admin } from 'kafkajs';
import { lastClicks } from './clicks.ts';
import { appendClicks } from './fill-topic.ts';
import type { Place } from './fill-topic.ts';

const pollMs = 20;
/** Behind the last record of a transaction lies its marker, which no position names. */
const markerOffsets = 1;

export interface CloseWindowsOptions extends Place {
  readonly topic: string;
  readonly events: number;
  readonly groupId: string;
  readonly admin: Admin;
  readonly signal: AbortSignal;
}

/**
 * Writes the clicks that close all windows once a group has read everything before them, through all of its topics: for an engine
 * whose repartition lets them overtake what other partitions still have to give.
 */
export async function closeWindowsWhenRead(options: CloseWindowsOptions): Promise<void> {
  const { topic, events, groupId, admin, signal } = options;
  while (!(await hasReadAll(admin, groupId, topic))) {
    if (signal.aborted) return;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  await appendClicks(options, topic, lastClicks(events));
}

async function hasReadAll(admin: Admin, groupId: string, topic: string): Promise<boolean> {
  const committed = await admin.fetchOffsets({ groupId });
  // The source, and what it is repartitioned through.
  if (!committed.some((one) => one.topic === topic) || committed.length < 2) return false;
  for (const { topic: read, partitions } of committed) {
    const mayLack = read === topic ? 0 : markerOffsets;
    for (const { partition, high } of await admin.fetchTopicOffsets(read)) {
      const offset = Number(partitions.find((one) => one.partition === partition)?.offset ?? 0);
      if (offset < Number(high) - mayLack) return false;
    }
  }
  return true;
}
