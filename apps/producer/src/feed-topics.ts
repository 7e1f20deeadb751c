import type { NewTopic } from '@millrace/kafka-admin';
import { topicNames, type PipelineDefinition } from '@millrace/streams';
import { feeds } from './feeds/feeds.ts';

/** The topics that a pipeline's feed writes to, beside what its sources keep; the broker decides how long events stay, or the feed. */
export function feedTopics(pipeline: PipelineDefinition, partitions: number): NewTopic[] {
  const config = feeds.find((feed) => feed.pipeline.name === pipeline.name)?.topicConfig ?? {};
  const events = Object.values(pipeline.sources).map(({ topic }) => ({ topic, partitions, config }));
  const forever = { 'cleanup.policy': 'delete', 'retention.ms': '-1' };
  return [...events, { topic: topicNames.deadLetter(pipeline.name), partitions: 1, config: forever }];
}
