import type { PipelineDefinition } from '../definition/pipeline-definition.ts';
import { checkDefinition } from '../definition/validate-definition.ts';
import { StreamsError } from '../errors.ts';
import { Cluster } from '../kafka/cluster.ts';
import type { ClusterOptions, TopicPartition } from '../kafka/cluster.ts';
import { committedOffsets } from '../kafka/committed-offsets.ts';
import { retrying } from '../kafka/retry.ts';
import { TransactionalProducer } from '../kafka/transactional-producer.ts';
import { readChangelog } from '../state/changelog-reader.ts';
import { deleteTopics, ensureTopics, mismatched, planTopics } from '../runtime/internal-topics.ts';
import { OutputBuffer } from '../results/output-buffer.ts';
import { isWorthWaiting, survey } from '../runtime/preparation.ts';
import { topicNames, topologyOf } from '../topology/topology.ts';
import { asOnlyMember } from './stopped-group.ts';

/** Where to read on: an offset (of every partition, moved to the nearest that is there), an event's timestamp, or an end. */
export type ResetPosition = 'earliest' | 'latest' | { readonly offset: number } | { readonly timeMs: number };

export interface ResetOptions extends Pick<ClusterOptions, 'brokers' | 'tls' | 'sasl'> {
  readonly to: ResetPosition;
  /**
   * Deletes the pipeline's own topics that have another number of partitions than its source has now, with the results in them, and
   * makes them anew.
   */
  readonly recreateTopics?: boolean;
  /** The consumer group; the pipeline's name by default. */
  readonly applicationId?: string;
  readonly signal?: AbortSignal;
}

export interface ResetReport {
  readonly positions: readonly (TopicPartition & {
    /** -1 when nothing was committed. */
    readonly from: number;
    readonly to: number;
  })[];
  /** Records of state that are gone, beside those of topics that were made anew. */
  readonly cleared: number;
  /** Topics that were made anew. */
  readonly recreated: readonly string[];
}

const transactionTimeoutMs = 60_000;

/**
 * Sets a stopped pipeline back (or forward): clears its state and moves its positions in one transaction, so that they fit
 * whatever happens. What it wrote before stays; windows that are counted anew replace their former results under the same key.
 * @throws STREAMS_RUNNING while it has instances, STREAMS_MISSING_TOPIC, STREAMS_PARTITION_COUNT
 */
export async function resetPipeline(
  definition: PipelineDefinition,
  options: ResetOptions,
): Promise<ResetReport> {
  checkDefinition(definition);
  const { to, applicationId = definition.name, signal = new AbortController().signal } = options;
  const { brokers, tls, sasl } = options;
  const cluster = new Cluster({
    brokers,
    clientId: `millrace-reset-${applicationId}`,
    ...(tls === undefined ? {} : { tls }),
    ...(sasl === undefined ? {} : { sasl }),
  });
  try {
    return await asOnlyMember(cluster, { groupId: applicationId, signal }, async (group) => {
      const topology = topologyOf(definition);
      const patient = <T>(operation: () => Promise<T>) =>
        retrying(operation, { signal, again: isWorthWaiting });
      const prepared = await patient(() =>
        survey({ cluster, definition, topology, whenTopicMissing: 'refuse' }),
      );
      const countOf = (topic: string) => prepared.partitionCounts.get(topic)!;
      const plans = planTopics(definition, topology, countOf);
      const recreated =
        options.recreateTopics === true ? await patient(() => mismatched(cluster, plans)) : [];
      await patient(() => deleteTopics(cluster, recreated));
      await patient(() => ensureTopics(cluster, plans));
      const places = topology.stages.flatMap((stage, at) =>
        stage.topics.flatMap((topic) =>
          Array.from({ length: countOf(topic) }, (_, partition) => ({
            stage,
            topic,
            partition,
            metadata: prepared.stamps[at]!,
          })),
        ),
      );
      // Stable: no transaction of a former instance may end after ours.
      const before = await retrying(
        () => committedOffsets(cluster, { groupId: applicationId, partitions: places, stable: true }),
        { signal },
      );
      const producer = new TransactionalProducer({
        cluster,
        transactionalId: `${applicationId}-reset`,
        transactionTimeoutMs,
        signal,
      });
      await producer.init();
      const output = new OutputBuffer();
      let cleared = 0;
      const positions: { topic: string; partition: number; metadata: string; from: number; to: number }[] =
        [];
      for (const { stage, topic, partition, metadata } of places) {
        const changelog = topicNames.changelog(definition.name, stage.name);
        // The topics of one stage share its state.
        if (topic === stage.topic)
          cleared += await clear({ cluster, output, topic: changelog, partition, signal });
        const place = { topic, partition };
        positions.push({
          ...place,
          metadata,
          from: before.find((one) => one.topic === topic && one.partition === partition)?.offset ?? -1,
          // Partial windows of what is read again are made again.
          to: await patient(() => target(cluster, place, stage.kind === 'merge' ? 'latest' : to)),
        });
      }
      await producer.commit({
        batches: output.take(producer).batches,
        offsets: positions.map(({ to: offset, ...place }) => ({ ...place, offset })),
        group,
      });
      return {
        positions: positions.map(({ metadata: _metadata, ...place }) => place),
        cleared,
        recreated,
      };
    });
  } finally {
    cluster.close();
  }
}

/** Writes a tombstone for each record of state; returns how many. */
async function clear(
  options: TopicPartition & {
    readonly cluster: Cluster;
    readonly output: OutputBuffer;
    readonly signal: AbortSignal;
  },
): Promise<number> {
  const { cluster, output, topic, partition, signal } = options;
  const { copy } = await readChangelog({ cluster, topic, partition, signal });
  const changelog = output.partition(topic, partition);
  let cleared = 0;
  for (const key of copy.values.keys()) {
    changelog.append(Date.now(), Buffer.from(key, 'latin1'), null);
    cleared++;
  }
  return cleared;
}

async function target(cluster: Cluster, place: TopicPartition, to: ResetPosition): Promise<number> {
  const at = async (timestampMs: number) =>
    (await cluster.listOffsets([place], timestampMs, 'uncommitted'))[0] ?? 0;
  const [start, end] = await Promise.all([at(-2), at(-1)]);
  if (to === 'earliest') return start;
  if (to === 'latest') return end;
  if ('offset' in to) {
    if (!Number.isSafeInteger(to.offset) || to.offset < 0)
      throw new StreamsError('STREAMS_USAGE', `the offset ${to.offset} is not a whole number from 0`);
    return Math.min(Math.max(to.offset, start), end);
  }
  if (!Number.isSafeInteger(to.timeMs) || to.timeMs < 0)
    throw new StreamsError('STREAMS_USAGE', `the time ${to.timeMs} is not in milliseconds since the epoch`);
  const found = await at(to.timeMs);
  return found < 0 ? end : found;
}
