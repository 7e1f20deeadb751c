import { StreamsError } from '../errors.ts';
import type { Cluster } from '../kafka/cluster.ts';
import { committedOffsets } from '../kafka/committed-offsets.ts';
import { retrying } from '../kafka/retry.ts';
import type { LocalState } from './local-state.ts';
import type { StateCopy } from './state-copy.ts';
import { readChangelog } from './changelog-reader.ts';
import type { ChangelogBounds } from './changelog-reader.ts';
import type { OnEvent } from '../runtime/ports.ts';
import type { Task } from '../tasks/task.ts';
import type { TaskInput } from '../tasks/task-input.ts';

export interface RestoreTaskOptions {
  readonly cluster: Cluster;
  readonly groupId: string;
  /** Where to begin when nothing was committed. */
  readonly startFrom: 'earliest' | 'latest';
  /** Without transactions a crash may leave state whose offsets were not committed. */
  readonly mayStateBeAhead: boolean;
  /** By what definition the state must have been made. */
  readonly stamp: string;
  /** A copy of its state that has been kept here while the task ran elsewhere. */
  readonly standby: StateCopy | undefined;
  /** Checkpoints of former runs. */
  readonly local: LocalState | undefined;
  readonly signal: AbortSignal;
  /** False once the task went elsewhere. */
  readonly isWanted: () => boolean;
  readonly onEvent: OnEvent;
}

export interface RestoredTask {
  /** Records that had to be read from the changelog. */
  readonly recordCount: number;
}

/**
 * Brings a task to the state of its last commit: waits until the offsets are settled, then reads its changelog to the end, from a
 * copy or checkpoint on where there is one. Its inputs stand where to read on then.
 * Undefined when the task is not wanted any more.
 */
export async function restoreTask(
  task: Task,
  options: RestoreTaskOptions,
): Promise<RestoredTask | undefined> {
  let checkpoint: StateCopy | undefined;
  try {
    return await restoreFrom(task, {
      ...options,
      load: async (owner, bounds) => (checkpoint = await options.local?.load(owner, bounds)),
    });
  } finally {
    checkpoint?.close();
  }
}

async function restoreFrom(
  task: Task,
  options: RestoreTaskOptions & { readonly load: LocalState['load'] },
): Promise<RestoredTask | undefined> {
  const { cluster, groupId, startFrom, stamp, standby, load, signal, isWanted, onEvent } = options;
  const { inputs } = task;
  const startedMs = performance.now();
  const committed = await retrying(
    () => committedOffsets(cluster, { groupId, partitions: inputs, stable: true }),
    { signal, maxDelayMs: 100 },
  );
  const changelog = { topic: task.changelogTopic, partition: task.id.partition };
  const owner = {
    ...{ group: groupId, task: task.name, stamp, changelog: changelog.topic, partition: changelog.partition },
    topicId: await topicIdOf(cluster, changelog.topic, signal),
  };
  let from: 'changelog' | 'checkpoint' | 'standby' = 'changelog';
  let firstOffset = 0;
  const { copy, recordCount } = await readChangelog({
    cluster,
    ...changelog,
    signal,
    from: async (bounds) => {
      const isOfUse = standby?.nextOffset !== undefined && isWithin(standby.nextOffset, bounds);
      const found = isOfUse ? standby : await load(owner, bounds);
      if (found !== undefined) from = isOfUse ? 'standby' : 'checkpoint';
      firstOffset = found?.nextOffset ?? bounds.start;
      return found;
    },
    onProgress: ({ offset, endOffset }) => {
      task.restored = (offset - firstOffset) / Math.max(1, endOffset - firstOffset);
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
  if (isNew && !options.mayStateBeAhead && !copy.isEmpty)
    throw new StreamsError(
      'STREAMS_STATE',
      `"${changelog.topic}" partition ${changelog.partition} holds state, but group "${groupId}" has no committed offset for ${inputs.map(({ topic }) => `${topic}/${changelog.partition}`).join(', ')} (expired or deleted): counting on would count twice; reset the pipeline`,
    );
  task.restore(copy);
  task.owner = owner;
  task.changelogOffset = copy.nextOffset;
  const elapsedMs = Math.round(performance.now() - startedMs);
  onEvent({
    level: copy.isEmpty ? 'debug' : 'info',
    event: 'restored',
    message: `task ${task.name}: ${from === 'changelog' ? '' : `a ${from} up to offset ${firstOffset}, then `}${recordCount} changelog records in ${elapsedMs} ms`,
    task: task.name,
    from,
    firstOffset,
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

const isWithin = (offset: number, { start, end }: ChangelogBounds) => offset >= start && offset <= end;

async function topicIdOf(cluster: Cluster, topic: string, signal: AbortSignal): Promise<string> {
  const topics = await retrying(() => cluster.describeTopics([topic]), { signal });
  return topics.get(topic)?.id ?? '';
}
