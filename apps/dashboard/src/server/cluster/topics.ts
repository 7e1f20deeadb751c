import type { TopicDetail, TopicSummary } from '@millrace/views';
import { ConfigResourceTypes, type Admin } from '@platformatic/kafka';

const EARLIEST = -2n;
const LATEST = -1n;
/** Sources of a setting that is the topic's own. @see https://kafka.apache.org/protocol (DescribeConfigs, config_source) */
const TOPIC_CONFIG = 1;

/** First and end offsets of every partition of a topic. */
export interface PartitionOffsets {
  readonly partition: number;
  readonly firstOffset: number;
  readonly endOffset: number;
}

/** All topics but Kafka's own, by name. */
export async function listTopics(admin: Admin): Promise<TopicSummary[]> {
  const names = (await admin.listTopics()).toSorted();
  const offsets = await partitionOffsets(admin, names);
  return names.map((name) => {
    const partitions = offsets.get(name) ?? [];
    return {
      name,
      partitions: partitions.length,
      records: partitions.reduce((sum, { firstOffset, endOffset }) => sum + endOffset - firstOffset, 0),
    };
  });
}

/** Asked of the list: metadata of a name may make the topic. */
export async function hasTopic(admin: Admin, name: string): Promise<boolean> {
  return (await admin.listTopics({ includeInternals: true })).includes(name);
}

/** Undefined for a topic that there is not. */
export async function describeTopic(admin: Admin, name: string): Promise<TopicDetail | undefined> {
  if (!(await hasTopic(admin, name))) return undefined;
  const [metadata, offsets, described] = await Promise.all([
    admin.metadata({ topics: [name], forceUpdate: true }),
    partitionOffsets(admin, [name]),
    admin.describeConfigs({
      resources: [{ resourceType: ConfigResourceTypes.TOPIC, resourceName: name, configurationKeys: null }],
    }),
  ]);
  const leaders = metadata.topics.get(name)?.partitions ?? [];
  const own = described
    .flatMap(({ configs }) => configs)
    .filter(({ configSource }) => configSource === TOPIC_CONFIG);
  return {
    name,
    partitions: (offsets.get(name) ?? []).map((partition) => ({
      ...partition,
      leader: leaders[partition.partition]?.leader ?? -1,
    })),
    configs: Object.fromEntries(own.map((config) => [config.name, config.value ?? ''])),
  };
}

/** Of many topics in two requests. Topics that vanish meanwhile are left out. */
export async function partitionOffsets(
  admin: Admin,
  names: readonly string[],
): Promise<Map<string, PartitionOffsets[]>> {
  if (names.length === 0) return new Map();
  const metadata = await admin.metadata({ topics: [...names], forceUpdate: true });
  const list = async (timestamp: bigint) => {
    const topics = [...metadata.topics].map(([name, { partitions }]) => ({
      name,
      partitions: partitions.map((_partition, partitionIndex) => ({ partitionIndex, timestamp })),
    }));
    const found = await admin.listOffsets({ topics });
    return new Map(
      found.flatMap(({ name, partitions }) =>
        partitions.map(
          ({ partitionIndex, offset }) => [`${name}/${partitionIndex}`, Number(offset)] as const,
        ),
      ),
    );
  };
  const [first, end] = await Promise.all([list(EARLIEST), list(LATEST)]);
  return new Map(
    [...metadata.topics].map(([name, { partitions }]) => [
      name,
      partitions.map((_partition, partition) => ({
        partition,
        firstOffset: first.get(`${name}/${partition}`) ?? 0,
        endOffset: end.get(`${name}/${partition}`) ?? 0,
      })),
    ]),
  );
}
