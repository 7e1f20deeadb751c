import { StreamsError } from '../errors.ts';
import { resultsSchema } from '../definition/results-schema.ts';
import type { PipelineDefinition } from '../definition/pipeline-definition.ts';
import { brokerErrorOf, isTransient } from '../kafka/broker-error.ts';
import type { Cluster } from '../kafka/cluster.ts';
import { committedOffsets } from '../kafka/committed-offsets.ts';
import { topicNames } from '../topology/topology.ts';
import type { SourceStage, Topology } from '../topology/topology.ts';
import { checkStamp, stampOf } from './definition-stamp.ts';
import { ensureTopics, planTopics } from './internal-topics.ts';
import type { Serdes } from './ports.ts';

/** What is known once the cluster has been asked. */
export interface Prepared {
  readonly partitionCounts: ReadonlyMap<string, number>;
  /** By view. */
  readonly schemaIds: ReadonlyMap<string, number>;
  /** By stage. */
  readonly stamps: readonly string[];
}

export interface PrepareOptions {
  readonly cluster: Cluster;
  readonly definition: PipelineDefinition;
  readonly topology: Topology;
  readonly serdes: Serdes;
  readonly groupId: string;
  readonly whenTopicMissing: 'refuse' | 'wait';
}

/**
 * Looks whether the pipeline can run on this cluster, and makes its topics and schemas.
 * @throws STREAMS_MISSING_TOPIC, STREAMS_PARTITION_COUNT, STREAMS_CHANGED_DEFINITION; anything transient is to be tried again
 */
export async function prepare(options: PrepareOptions): Promise<Prepared> {
  const { cluster, definition, topology, serdes, groupId } = options;
  const { partitionCounts, stamps } = await survey(options);
  const countOf = (topic: string) => partitionCounts.get(topic)!;
  await checkCommitted({ cluster, groupId, topology, definition, stamps, countOf });
  await ensureTopics(cluster, planTopics(definition, topology, countOf));
  const schemaIds = new Map<string, number>();
  for (const view of Object.keys(definition.views))
    schemaIds.set(
      view,
      await serdes.schemaId({
        topic: topicNames.results(definition.name, view),
        schema: resultsSchema(definition, view),
        kind: 'value',
      }),
    );
  return { partitionCounts, schemaIds, stamps };
}

/**
 * The partitions of each topic that a stage reads, and each stage's stamp.
 * @throws STREAMS_MISSING_TOPIC, STREAMS_PARTITION_COUNT when topics that are joined differ
 */
export async function survey(
  options: Pick<PrepareOptions, 'cluster' | 'definition' | 'topology' | 'whenTopicMissing'>,
): Promise<Pick<Prepared, 'partitionCounts' | 'stamps'>> {
  const { definition, topology } = options;
  const partitionCounts = await countSourcePartitions(options);
  const countOf = (topic: string) => partitionCounts.get(topic)!;
  for (const stage of topology.stages)
    if (stage.kind === 'merge')
      partitionCounts.set(stage.topic, countOf(definition.sources[stage.source]!.topic));
    else checkCounts(stage, countOf);
  return {
    partitionCounts,
    stamps: topology.stages.map((stage) => stampOf(definition, stage, countOf(stage.topic))),
  };
}

async function countSourcePartitions(
  options: Pick<PrepareOptions, 'cluster' | 'definition' | 'whenTopicMissing'>,
): Promise<Map<string, number>> {
  const { cluster, definition, whenTopicMissing } = options;
  const topics = [...new Set(Object.values(definition.sources).map(({ topic }) => topic))];
  const found = await cluster.describeTopics(topics);
  const counts = new Map<string, number>();
  for (const name of topics) {
    const partitions = found.get(name)?.leaders.length ?? 0;
    if (partitions === 0)
      throw new StreamsError(
        'STREAMS_MISSING_TOPIC',
        `topic "${name}", which pipeline "${definition.name}" reads, does not exist; create it (its partition count is kept from then on) and start again`,
        { retriable: whenTopicMissing === 'wait' },
      );
    counts.set(name, partitions);
  }
  return counts;
}

/** Topics that are joined need as many partitions each: only then do equal keys lie under equal numbers. */
function checkCounts({ name, topics }: SourceStage, countOf: (topic: string) => number): void {
  if (topics.every((topic) => countOf(topic) === countOf(topics[0]!))) return;
  const counts = topics.map((topic) => `"${topic}" has ${countOf(topic)}`).join(', ');
  throw new StreamsError(
    'STREAMS_PARTITION_COUNT',
    `the topics that are joined in stage "${name}" differ in their partition counts (${counts}), so that equal keys lie under different numbers; create them with equal counts and have their producers send again, partitioned by the same fields`,
  );
}

async function checkCommitted(options: {
  readonly cluster: Cluster;
  readonly groupId: string;
  readonly topology: Topology;
  readonly definition: PipelineDefinition;
  readonly stamps: readonly string[];
  readonly countOf: (topic: string) => number;
}): Promise<void> {
  const { cluster, groupId, topology, definition, stamps, countOf } = options;
  const partitions = topology.stages.flatMap(({ topics }) =>
    topics.flatMap((topic) =>
      Array.from({ length: countOf(topic) }, (_, partition) => ({ topic, partition })),
    ),
  );
  const committed = await committedOffsets(cluster, { groupId, partitions, stable: false }).catch(
    (error: unknown) => {
      if (brokerErrorOf(error) === 'GROUP_ID_NOT_FOUND') return [];
      throw error;
    },
  );
  for (const { topic, offset, metadata } of committed) {
    const stage = topology.stages.findIndex(({ topics }) => topics.includes(topic));
    if (offset >= 0 && stage >= 0) checkStamp(metadata, stamps[stage]!, { topic, pipeline: definition.name });
  }
}

/** Broker away, topic being made, registry away (as the serdes say by `retriable`): worth another try. */
export function isWorthWaiting(error: unknown): boolean {
  return isTransient(error) || (error as { retriable?: boolean } | undefined)?.retriable === true;
}
