import { offsetCommitV8 } from '@platformatic/kafka';
import type { PipelineDefinition } from '../definition/pipeline-definition.ts';
import { Cluster } from '../kafka/cluster.ts';
import type { ClusterOptions } from '../kafka/cluster.ts';
import { committedOffsets } from '../kafka/committed-offsets.ts';
import { pause, retrying } from '../kafka/retry.ts';

export interface PauseOptions extends Pick<ClusterOptions, 'brokers' | 'tls' | 'sasl'> {
  /** The consumer group; the pipeline's name by default. */
  readonly applicationId?: string;
  readonly signal?: AbortSignal;
}

/** The wish is kept as the note beside an offset of a group of its own: no topic more, and it outlives every instance. */
const controlGroup = (applicationId: string) => `${applicationId}.control`;
const paused = 'paused';
const lookEveryMs = 1_000;

/**
 * Asks all instances of a pipeline, also those that start later, to pause: they commit what was counted, stay in the group and
 * read nothing. They see it within a second or two. Brokers forget it with the group's offsets (7 days by default).
 */
export const pausePipeline = (definition: PipelineDefinition, options: PauseOptions): Promise<void> =>
  setWish(definition, options, paused);

/** Lets the instances go on. */
export const resumePipeline = (definition: PipelineDefinition, options: PauseOptions): Promise<void> =>
  setWish(definition, options, '');

/** Where the wish is kept. */
function placeOf(definition: PipelineDefinition) {
  const [source] = Object.values(definition.sources);
  return { topic: source!.topic, partition: 0 };
}

async function setWish(definition: PipelineDefinition, options: PauseOptions, wish: string): Promise<void> {
  const { brokers, tls, sasl, applicationId = definition.name } = options;
  const { signal = new AbortController().signal } = options;
  const cluster = new Cluster({
    brokers,
    clientId: `millrace-control-${applicationId}`,
    ...(tls === undefined ? {} : { tls }),
    ...(sasl === undefined ? {} : { sasl }),
  });
  const groupId = controlGroup(applicationId);
  const { topic, partition } = placeOf(definition);
  const offset = { committedOffset: 0n, committedLeaderEpoch: -1, committedMetadata: wish };
  try {
    await retrying(
      () =>
        cluster.sendToCoordinator(
          { kind: 'group', key: groupId, role: 'admin' },
          offsetCommitV8.api,
          groupId,
          -1,
          '',
          null,
          [{ name: topic, partitions: [{ partitionIndex: partition, ...offset }] }],
        ),
      { signal },
    );
  } finally {
    cluster.close();
  }
}

/** Looks every second whether the pipeline is to be paused, until the signal aborts. */
export async function watchPause(options: {
  readonly cluster: Cluster;
  readonly definition: PipelineDefinition;
  readonly applicationId: string;
  readonly signal: AbortSignal;
  readonly onChange: (isPaused: boolean) => void;
}): Promise<void> {
  const { cluster, definition, applicationId, signal, onChange } = options;
  const request = { groupId: controlGroup(applicationId), partitions: [placeOf(definition)], stable: false };
  let last = false;
  while (!signal.aborted) {
    // A broker that is away changes nothing about the wish.
    const found = await committedOffsets(cluster, request).catch(() => undefined);
    const isPaused: boolean = found === undefined ? last : found[0]?.metadata === paused;
    if (isPaused !== last && !signal.aborted) onChange(isPaused);
    last = isPaused;
    await pause(lookEveryMs, signal);
  }
}
