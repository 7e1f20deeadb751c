import { NODE_ID, type Broker } from '../broker.ts';
import { LEADER_EPOCH } from '../log/partition-log.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import { describeCluster, metadata } from '../protocol/messages/index.ts';
import { NO_UUID } from '../protocol/schema.ts';
import { topicNameFault } from '../topics/topic-name.ts';
import type { Topic } from '../topics/topic-store.ts';
import { handler } from './handler.ts';

/** Up to this version an empty list of topics means all of them. */
const EMPTY_MEANS_ALL = 0;
/** Kafka's "not asked for" in the bit sets of permitted operations. */
const OPERATIONS_UNKNOWN = -2147483648;
/** Kafka's operations on a topic (read, write, create, …) and on a cluster, as bit sets: nobody is refused anything here. */
const TOPIC_OPERATIONS = 0b0000_1101_1111_1000;
const CLUSTER_OPERATIONS = 0b0001_0111_1010_0000;

function brokers({ host, port }: Broker) {
  return [{ nodeId: NODE_ID, host, port }];
}

/** The broker's address and its topics. */
export const metadataHandler = handler(metadata, {
  handle(request, { broker, version }) {
    const { topics: wanted } = request;
    const all = wanted === null || (version === EMPTY_MEANS_ALL && wanted.length === 0);
    const operations = request.includeTopicAuthorizedOperations ? TOPIC_OPERATIONS : OPERATIONS_UNKNOWN;
    const topics = all
      ? broker.topics
          .all()
          .filter(isInUse)
          .map((topic) => described(topic, operations))
      : wanted.map((one) => {
          const byId = one.name === null;
          const topic = byId
            ? broker.topics.byId(one.topicId)
            : askedFor(broker, one.name!, request.allowAutoTopicCreation);
          if (topic !== undefined && typeof topic !== 'number') return described(topic, operations);
          const errorCode = topic ?? (byId ? ErrorCode.unknownTopicId : ErrorCode.unknownTopicOrPartition);
          return { errorCode, name: one.name, topicId: one.topicId, partitions: [] };
        });
    return {
      brokers: brokers(broker),
      clusterId: broker.clusterId,
      controllerId: NODE_ID,
      topics,
      clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
        ? CLUSTER_OPERATIONS
        : OPERATIONS_UNKNOWN,
    };
  },
  refuse: (request, errorCode) => ({
    brokers: [],
    topics: (request.topics ?? []).map(({ name, topicId }) => ({ errorCode, name, topicId, partitions: [] })),
  }),
});

/** The topic, or an error code if the name cannot be one. */
function askedFor(broker: Broker, name: string, mayCreate: boolean): Topic | number | undefined {
  const known = broker.topics.get(name);
  if (known !== undefined) return known;
  if (topicNameFault(name) !== undefined) return ErrorCode.invalidTopic;
  return broker.topicForUse(name, mayCreate);
}

function described(topic: Topic, topicAuthorizedOperations: number) {
  return {
    errorCode: ErrorCode.none,
    name: topic.name,
    topicId: topic.id,
    isInternal: topic.internal,
    partitions: topic.partitions.map((_, partitionIndex) => ({
      errorCode: ErrorCode.none,
      partitionIndex,
      leaderId: NODE_ID,
      leaderEpoch: LEADER_EPOCH,
      replicaNodes: [NODE_ID],
      isrNodes: [NODE_ID],
    })),
    topicAuthorizedOperations,
  };
}

/** The broker's address and the cluster's id. */
export const describeClusterHandler = handler(describeCluster, {
  handle: (request, { broker }) => ({
    errorCode: ErrorCode.none,
    endpointType: request.endpointType,
    clusterId: broker.clusterId,
    controllerId: NODE_ID,
    brokers: brokers(broker).map(({ nodeId: brokerId, host, port }) => ({ brokerId, host, port })),
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
      ? CLUSTER_OPERATIONS
      : OPERATIONS_UNKNOWN,
  }),
  refuse: (_, errorCode) => ({ errorCode, clusterId: NO_UUID, brokers: [] }),
});

/** The topics of the broker's own state show themselves once they are written to, as with Apache Kafka. */
function isInUse({ internal, partitions }: Topic): boolean {
  return !internal || partitions.some((log) => log.nextOffset > 0);
}
