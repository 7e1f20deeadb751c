import { StreamsError } from '../errors.ts';
import type { Cluster, TopicPartition } from '../kafka/cluster.ts';
import { committedOffsets } from '../kafka/committed-offsets.ts';
import { retrying } from '../kafka/retry.ts';
import { readChangelog } from './changelog-reader.ts';
import type { OnEvent } from './ports.ts';
import type { Task } from './task.ts';

export interface RestoreTaskOptions extends TopicPartition {
  readonly cluster: Cluster;
  readonly groupId: string;
  /** Where to begin when nothing was committed. */
  readonly startFrom: 'earliest' | 'latest';
  readonly signal: AbortSignal;
  /** False once the task went elsewhere. */
  readonly isWanted: () => boolean;
  readonly onEvent: OnEvent;
}

export interface RestoredTask {
  /** Where to read on. */
  readonly offset: number;
  /** -1 when nothing was committed. */
  readonly committed: number;
  readonly recordCount: number;
}

/**
 * Brings a task to the state of its last commit: waits until the offsets are settled, then reads its changelog to the end.
 * Undefined when the task is not wanted any more.
 */
export async function restoreTask(
  task: Task,
  options: RestoreTaskOptions,
): Promise<RestoredTask | undefined> {
  const { cluster, groupId, topic, partition, startFrom, signal, isWanted, onEvent } = options;
  const place = { topic, partition };
  const startedMs = performance.now();
  const [committed] = await retrying(
    () => committedOffsets(cluster, { groupId, partitions: [place], stable: true }),
    { signal, maxDelayMs: 100 },
  );
  const changelog = { topic: task.changelogTopic, partition };
  const { values, recordCount } = await readChangelog({
    cluster,
    ...changelog,
    signal,
    onProgress: ({ offset, endOffset }) =>
      onEvent({
        level: 'debug',
        event: 'restoring',
        message: `${task.name}: ${offset} of ${endOffset}`,
        task: task.name,
        offset,
        endOffset,
      }),
  });
  if (!isWanted()) return undefined;
  const offset = committed?.offset ?? -1;
  if (offset < 0 && [...values.values()].some((value) => value !== null))
    throw new StreamsError(
      'STREAMS_STATE',
      `"${changelog.topic}" partition ${partition} holds state, but group "${groupId}" has no committed offset for ${topic}/${partition} (expired or deleted): counting on would count twice; reset the pipeline`,
    );
  task.restore(values);
  const elapsedMs = Math.round(performance.now() - startedMs);
  onEvent({
    level: recordCount === 0 ? 'debug' : 'info',
    event: 'restored',
    message: `task ${task.name}: ${recordCount} changelog records in ${elapsedMs} ms`,
    task: task.name,
    recordCount,
    elapsedMs,
  });
  if (offset >= 0) return { offset, committed: offset, recordCount };
  const [start = 0] = await retrying(
    () => cluster.listOffsets([place], startFrom === 'earliest' ? -2 : -1, 'committed'),
    { signal },
  );
  return { offset: start, committed: -1, recordCount };
}
