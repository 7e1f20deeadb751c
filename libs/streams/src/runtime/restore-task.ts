import { StreamsError } from '../errors.ts';
import type { Cluster } from '../kafka/cluster.ts';
import { committedOffsets } from '../kafka/committed-offsets.ts';
import { retrying } from '../kafka/retry.ts';
import { readChangelog } from './changelog-reader.ts';
import type { OnEvent } from './ports.ts';
import type { Task } from './task.ts';
import type { TaskInput } from './task-input.ts';

export interface RestoreTaskOptions {
  readonly cluster: Cluster;
  readonly groupId: string;
  /** Where to begin when nothing was committed. */
  readonly startFrom: 'earliest' | 'latest';
  /** Without transactions a crash may leave state whose offsets were not committed. */
  readonly mayStateBeAhead: boolean;
  readonly signal: AbortSignal;
  /** False once the task went elsewhere. */
  readonly isWanted: () => boolean;
  readonly onEvent: OnEvent;
}

export interface RestoredTask {
  readonly recordCount: number;
}

/**
 * Brings a task to the state of its last commit: waits until the offsets are settled, then reads its changelog to the end. Its
 * inputs stand where to read on then.
 * Undefined when the task is not wanted any more.
 */
export async function restoreTask(
  task: Task,
  options: RestoreTaskOptions,
): Promise<RestoredTask | undefined> {
  const { cluster, groupId, startFrom, signal, isWanted, onEvent } = options;
  const { inputs } = task;
  const startedMs = performance.now();
  const committed = await retrying(
    () => committedOffsets(cluster, { groupId, partitions: inputs, stable: true }),
    { signal, maxDelayMs: 100 },
  );
  const changelog = { topic: task.changelogTopic, partition: task.id.partition };
  const { values, recordCount } = await readChangelog({
    cluster,
    ...changelog,
    signal,
    onProgress: ({ offset, endOffset }) => {
      task.restored = endOffset === 0 ? 1 : offset / endOffset;
      onEvent({
        level: 'debug',
        event: 'restoring',
        message: `${task.name}: ${offset} of ${endOffset}`,
        task: task.name,
        offset,
        endOffset,
      });
    },
  });
  if (!isWanted()) return undefined;
  const offsetOf = ({ topic, partition }: TaskInput) =>
    committed.find((found) => found.topic === topic && found.partition === partition)?.offset ?? -1;
  const isNew = inputs.every((input) => offsetOf(input) < 0);
  if (isNew && !options.mayStateBeAhead && [...values.values()].some((value) => value !== null))
    throw new StreamsError(
      'STREAMS_STATE',
      `"${changelog.topic}" partition ${changelog.partition} holds state, but group "${groupId}" has no committed offset for ${inputs.map(({ topic }) => `${topic}/${changelog.partition}`).join(', ')} (expired or deleted): counting on would count twice; reset the pipeline`,
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
  for (const input of inputs) {
    input.committed = offsetOf(input);
    input.position = input.committed;
    if (input.committed >= 0) continue;
    const [start = 0] = await retrying(
      () => cluster.listOffsets([input], startFrom === 'earliest' ? -2 : -1, 'committed'),
      { signal },
    );
    input.position = start;
  }
  return { recordCount };
}
