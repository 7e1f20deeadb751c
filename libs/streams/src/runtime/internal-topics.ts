import { createTopicsV7, deleteTopicsV6 } from '@platformatic/kafka';
import { StreamsError } from '../errors.ts';
import type { PipelineDefinition } from '../definition/pipeline-definition.ts';
import { brokerErrorOf } from '../kafka/broker-error.ts';
import type { Cluster } from '../kafka/cluster.ts';
import { topicNames } from '../topology/topology.ts';
import type { Topology } from '../topology/topology.ts';
import { internalMaxBytes } from '../results/output-buffer.ts';

export interface TopicPlan {
  readonly name: string;
  readonly partitions: number;
  readonly configs: Readonly<Record<string, string>>;
}

const forEver = '-1';
/** How long a changelog's tombstones stay at least: Kafka's default, made sure of since checkpoints depend on it. */
export const tombstonesKeptMs = 24 * 3_600_000;

/** The topics that a pipeline needs beside its sources, given how many partitions those have. */
export function planTopics(
  definition: PipelineDefinition,
  topology: Topology,
  sourcePartitions: (topic: string) => number,
): TopicPlan[] {
  const { name: pipeline } = definition;
  const plans: TopicPlan[] = [];
  const large = { 'max.message.bytes': String(internalMaxBytes + 1024 * 1024) };
  for (const stage of topology.stages) {
    const partitions = sourcePartitions(definition.sources[stage.source]!.topic);
    if (stage.kind === 'merge')
      plans.push({
        name: stage.topic,
        partitions,
        configs: { 'cleanup.policy': 'delete', 'retention.ms': String(7 * 24 * 3_600_000), ...large },
      });
    plans.push({
      name: topicNames.changelog(pipeline, stage.name),
      partitions,
      configs: { 'cleanup.policy': 'compact', 'delete.retention.ms': String(tombstonesKeptMs), ...large },
    });
    const views = [...(stage.kind === 'merge' ? [stage.view] : []), ...stage.windows, ...stage.rows];
    for (const view of views) {
      const retentionMs = definition.views[view]!.retentionMs;
      plans.push({
        name: topicNames.results(pipeline, view),
        partitions,
        configs:
          retentionMs === undefined
            ? { 'cleanup.policy': 'compact' }
            : { 'cleanup.policy': 'compact,delete', 'retention.ms': String(retentionMs) },
      });
    }
  }
  for (const name of [
    topicNames.late(pipeline),
    topicNames.rejected(pipeline),
    topicNames.deadLetter(pipeline),
  ])
    plans.push({ name, partitions: 1, configs: { 'cleanup.policy': 'delete', 'retention.ms': forEver } });
  return plans;
}

/**
 * Makes the topics that are missing.
 * @throws STREAMS_PARTITION_COUNT when one is there with another number of partitions
 */
export async function ensureTopics(cluster: Cluster, plans: readonly TopicPlan[]): Promise<void> {
  const names = plans.map(({ name }) => name);
  const missing = plans.filter(not(await cluster.describeTopics(names)));
  for (const plan of missing) await create(cluster, plan);
  const found = missing.length === 0 ? undefined : await cluster.describeTopics(names);
  const topics = found ?? (await cluster.describeTopics(names));
  for (const { name, partitions } of plans) {
    const topic = topics.get(name);
    if (topic === undefined || topic.leaders.includes(-1) || topic.leaders.length === 0)
      throw new StreamsError('STREAMS_BROKER', `topic "${name}" was made and has no leader yet`, {
        retriable: true,
      });
    if (topic.leaders.length !== partitions)
      throw new StreamsError(
        'STREAMS_PARTITION_COUNT',
        `topic "${name}" has ${topic.leaders.length} partitions and needs ${partitions}, as many as the pipeline's source; have "millrace-streams reset … --recreate-topics" make it anew, with all results and state, or give the source as many`,
      );
  }
}

/** Those that are there with another number of partitions. */
export async function mismatched(cluster: Cluster, plans: readonly TopicPlan[]): Promise<string[]> {
  const found = await cluster.describeTopics(plans.map(({ name }) => name));
  return plans
    .filter(({ name, partitions }) => (found.get(name)?.leaders.length ?? partitions) !== partitions)
    .map(({ name }) => name);
}

/** Deletes topics with what is in them. @throws STREAMS_BROKER (retriable) while they are still there */
export async function deleteTopics(cluster: Cluster, names: readonly string[]): Promise<void> {
  for (const name of (await cluster.describeTopics(names)).keys())
    try {
      await cluster.sendAny(deleteTopicsV6.api, [{ name, topicId: null }], 30_000);
    } catch (error) {
      if (brokerErrorOf(error) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error;
    }
  const [left] = (await cluster.describeTopics(names)).keys();
  if (left !== undefined)
    throw new StreamsError('STREAMS_BROKER', `topic "${left}" is still being deleted`, { retriable: true });
}

const not =
  (found: ReadonlyMap<string, unknown>) =>
  ({ name }: TopicPlan): boolean =>
    !found.has(name);

async function create(cluster: Cluster, { name, partitions, configs }: TopicPlan): Promise<void> {
  const topic = {
    name,
    numPartitions: partitions,
    // The broker's own default.
    replicationFactor: -1,
    assignments: [],
    configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
  };
  try {
    await cluster.sendAny(createTopicsV7.api, [topic], 30_000, false);
  } catch (error) {
    const code = brokerErrorOf(error);
    // A cluster that has just started knows no brokers for a moment.
    if (code === 'INVALID_REPLICATION_FACTOR')
      throw new StreamsError(
        'STREAMS_BROKER',
        `topic "${name}" cannot be made: the cluster has fewer brokers just now than its default.replication.factor asks for; start them, or lower it`,
        { cause: error, retriable: true },
      );
    // Another instance was faster.
    if (code !== 'TOPIC_ALREADY_EXISTS') throw error;
  }
}
