import { createTopics } from '../../broker/protocol/messages/create-topics.ts';
import { describeConfigs } from '../../broker/protocol/messages/describe-configs.ts';
import { metadata } from '../../broker/protocol/messages/metadata.ts';
import { ErrorCode } from '../../broker/protocol/error-code.ts';
import { RegistryError } from '../errors.ts';
import type { BrokerAddress, KafkaConnection } from './connection.ts';

const METADATA_VERSION = 9;
const CREATE_TOPICS_VERSION = 5;
const DESCRIBE_CONFIGS_VERSION = 2;
const TOPIC_RESOURCE = 2;
/** What Kafka itself recommends for topics that must not be lost. */
const REPLICAS = 3;

/**
 * Where the leader of the topic's only partition is, the topic being created (compacted) where it is missing.
 * undefined while it has no leader yet.
 *
 * @throws REGISTRY_TOPIC when the topic cannot hold schemas: several partitions, or not compacted
 */
export async function locateTopic(
  connection: KafkaConnection,
  topic: string,
): Promise<BrokerAddress | undefined> {
  const answer = await connection.send(metadata, METADATA_VERSION, {
    topics: [{ name: topic }],
    allowAutoTopicCreation: false,
  });
  const found = answer.topics[0];
  if (found === undefined || found.errorCode === ErrorCode.unknownTopicOrPartition) {
    await createTopic(connection, topic, Math.min(REPLICAS, Math.max(1, answer.brokers.length)));
    return undefined;
  }
  if (found.errorCode !== ErrorCode.none) return undefined;
  if (found.partitions.length !== 1) {
    throw new RegistryError(
      'REGISTRY_TOPIC',
      `topic ${topic} has ${found.partitions.length} partitions; a registry needs exactly 1: name another topic`,
    );
  }
  await checkCompacted(connection, topic);
  const leader = answer.brokers.find(({ nodeId }) => nodeId === found.partitions[0]?.leaderId);
  return leader && { host: leader.host, port: leader.port };
}

async function createTopic(
  connection: KafkaConnection,
  topic: string,
  replicationFactor: number,
): Promise<void> {
  const answer = await connection.send(createTopics, CREATE_TOPICS_VERSION, {
    topics: [
      {
        name: topic,
        numPartitions: 1,
        replicationFactor,
        assignments: [],
        configs: [{ name: 'cleanup.policy', value: 'compact' }],
      },
    ],
    timeoutMs: 10_000,
  });
  const { errorCode, errorMessage } = answer.topics[0] ?? { errorCode: -1, errorMessage: 'no answer' };
  if (errorCode !== ErrorCode.none && errorCode !== ErrorCode.topicAlreadyExists) {
    throw new RegistryError(
      'REGISTRY_STORE',
      `topic ${topic} could not be created: ${errorMessage ?? errorCode}`,
    );
  }
}

/** A topic with another policy would forget schemas after its retention time. */
async function checkCompacted(connection: KafkaConnection, topic: string): Promise<void> {
  const answer = await connection.send(describeConfigs, DESCRIBE_CONFIGS_VERSION, {
    resources: [{ resourceType: TOPIC_RESOURCE, resourceName: topic, configurationKeys: ['cleanup.policy'] }],
  });
  const policy = answer.results[0]?.configs.find(({ name }) => name === 'cleanup.policy')?.value;
  if (policy !== undefined && policy !== 'compact') {
    throw new RegistryError(
      'REGISTRY_TOPIC',
      `topic ${topic} has cleanup.policy=${policy} and would lose schemas; set it to compact`,
    );
  }
}
