import type { ConsumerGroup } from '@millrace/views';
import type { Admin } from '@platformatic/kafka';
import { partitionOffsets } from './topics.ts';

/** Under groups of such names producers keep the positions of their sources, as metadata: they read no topic. */
const SOURCE_POSITIONS = 'millrace.source.';

/** All consumer groups by name, with how far behind the ends of their topics they are. */
export async function listGroups(admin: Admin): Promise<ConsumerGroup[]> {
  const names = [...(await admin.listGroups()).keys()]
    .filter((name) => !name.startsWith(SOURCE_POSITIONS))
    .toSorted();
  if (names.length === 0) return [];
  const [described, committed] = await Promise.all([
    admin.describeGroups({ groups: names }),
    admin.listConsumerGroupOffsets({ groups: names }),
  ]);
  const topicsOf = new Map(committed.map(({ groupId, topics }) => [groupId, topics]));
  const existing = new Set(await admin.listTopics({ includeInternals: true }));
  const read = new Set(committed.flatMap(({ topics }) => topics.map(({ name }) => name)));
  const ends = await partitionOffsets(
    admin,
    [...read].filter((name) => existing.has(name)),
  );
  return names.map((name) => {
    const topics = (topicsOf.get(name) ?? [])
      .map(({ name: topic, partitions }) => ({
        topic,
        lag: partitions.reduce((sum, { partitionIndex, committedOffset }) => {
          const end = ends.get(topic)?.[partitionIndex]?.endOffset ?? 0;
          return sum + Math.max(0, end - Math.max(0, Number(committedOffset)));
        }, 0),
      }))
      .toSorted((a, b) => b.lag - a.lag || a.topic.localeCompare(b.topic));
    return {
      name,
      state: described.get(name)?.state ?? 'Unknown',
      members: described.get(name)?.members.size ?? 0,
      lag: topics.reduce((sum, { lag }) => sum + lag, 0),
      topics,
    };
  });
}
