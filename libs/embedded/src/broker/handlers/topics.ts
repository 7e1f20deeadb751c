import { NODE_ID, type Broker } from '../broker.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import { createPartitions, createTopics, deleteRecords, deleteTopics } from '../protocol/messages/index.ts';
import { NO_UUID, type Decoded } from '../protocol/schema.ts';
import { settingFault } from '../topics/topic-config.ts';
import { topicNameFault } from '../topics/topic-name.ts';
import { handler } from './handler.ts';
import { describeTopicConfig } from './configs.ts';

/** A single node opens a few files per partition: more than this is a mistake. */
const MAX_PARTITIONS = 10_000;
const DEFAULT = -1;

type NewTopic = Decoded<typeof createTopics.request>['topics'][number];

interface Refusal {
  readonly errorCode: number;
  readonly errorMessage: string;
}

/** Creates topics. */
export const createTopicsHandler = handler(createTopics, {
  handle(request, { broker }) {
    const names = new Map<string, number>();
    for (const { name } of request.topics) names.set(name, (names.get(name) ?? 0) + 1);
    const topics = request.topics.map((wanted) => {
      const { name } = wanted;
      const twice = names.get(name)! > 1;
      const fault = twice
        ? refusal('invalidRequest', `Topic ${name} is named twice`)
        : newTopicFault(broker, wanted);
      if (fault !== undefined) return { name, ...fault };
      const config = Object.fromEntries(wanted.configs.map((entry) => [entry.name, entry.value!]));
      const numPartitions = partitionCount(broker, wanted);
      const topic = request.validateOnly ? undefined : broker.topics.create(name, numPartitions, config);
      return {
        name,
        topicId: topic?.id ?? NO_UUID,
        errorCode: ErrorCode.none,
        errorMessage: null,
        numPartitions,
        replicationFactor: 1,
        configs: topic === undefined ? [] : describeTopicConfig(topic, null),
      };
    });
    return { topics };
  },
  refuse: (request, errorCode) => ({
    topics: request.topics.map(({ name }) => ({ name, errorCode, errorMessage: null })),
  }),
});

function refusal(error: keyof typeof ErrorCode, errorMessage: string): Refusal {
  return { errorCode: ErrorCode[error], errorMessage };
}

function partitionCount(broker: Broker, { numPartitions, assignments }: NewTopic): number {
  if (assignments.length > 0) return assignments.length;
  return numPartitions === DEFAULT ? broker.settings.defaultPartitions : numPartitions;
}

function newTopicFault(broker: Broker, wanted: NewTopic): Refusal | undefined {
  const { name, numPartitions, replicationFactor, assignments } = wanted;
  const nameFault = topicNameFault(name);
  if (nameFault !== undefined) return refusal('invalidTopic', nameFault);
  if (broker.topics.get(name) !== undefined)
    return refusal('topicAlreadyExists', `Topic '${name}' already exists.`);
  if (assignments.length > 0) {
    if (numPartitions !== DEFAULT || replicationFactor !== DEFAULT) {
      return refusal(
        'invalidRequest',
        'Replica assignments exclude a partition count and a replication factor.',
      );
    }
    const indexes = new Set(assignments.map((assignment) => assignment.partitionIndex));
    const whole = assignments.every((_, index) => indexes.has(index));
    const here = assignments.every(({ brokerIds }) => brokerIds.length === 1 && brokerIds[0] === NODE_ID);
    if (!whole || !here) {
      return refusal(
        'invalidReplicaAssignment',
        `Partitions must be 0, 1, … and each assigned to broker ${NODE_ID}.`,
      );
    }
  } else {
    if (numPartitions !== DEFAULT && (numPartitions < 1 || numPartitions > MAX_PARTITIONS)) {
      return refusal(
        'invalidPartitions',
        `The number of partitions must be 1 to ${MAX_PARTITIONS}, not ${numPartitions}.`,
      );
    }
    if (replicationFactor !== DEFAULT && replicationFactor !== 1) {
      return refusal(
        'invalidReplicationFactor',
        `The replication factor is ${replicationFactor}; there is one broker, so it can only be 1.`,
      );
    }
  }
  for (const { name: setting, value } of wanted.configs) {
    const fault =
      value === null
        ? `Null value not supported for topic configs: ${setting}`
        : settingFault(setting, value);
    if (fault !== undefined) return refusal('invalidConfig', fault);
  }
  return undefined;
}

/** Deletes topics with all they hold, committed offsets included. */
export const deleteTopicsHandler = handler(deleteTopics, {
  handle(request, { broker, version }) {
    const wanted =
      version >= 6 ? request.topics : request.topicNames.map((name) => ({ name, topicId: NO_UUID }));
    const responses = wanted.map(({ name, topicId }) => {
      const topic = name === null ? broker.topics.byId(topicId) : broker.topics.get(name);
      if (topic === undefined) {
        const errorCode = name === null ? ErrorCode.unknownTopicId : ErrorCode.unknownTopicOrPartition;
        return { name, topicId, errorCode };
      }
      const found = { name: topic.name, topicId: topic.id };
      if (topic.internal)
        return { ...found, ...refusal('invalidRequest', 'The broker keeps its state there.') };
      broker.topics.delete(topic);
      broker.offsets.forgetTopic(topic.name);
      return { ...found, errorCode: ErrorCode.none };
    });
    return { responses };
  },
  refuse: (request, errorCode) => ({
    responses: [...request.topics, ...request.topicNames.map((name) => ({ name, topicId: NO_UUID }))].map(
      ({ name, topicId }) => ({ name, topicId, errorCode }),
    ),
  }),
});

/** Adds partitions to topics. */
export const createPartitionsHandler = handler(createPartitions, {
  handle(request, { broker }) {
    const results = request.topics.map(({ name, count }) => {
      const topic = broker.topics.get(name);
      if (topic === undefined)
        return { name, ...refusal('unknownTopicOrPartition', 'The topic does not exist.') };
      const now = topic.partitions.length;
      if (topic.internal || count <= now || count > MAX_PARTITIONS) {
        return {
          name,
          ...refusal(
            'invalidPartitions',
            `The topic has ${now} partitions; ${count} cannot be made of them.`,
          ),
        };
      }
      if (!request.validateOnly) broker.topics.grow(topic, count);
      return { name, errorCode: ErrorCode.none };
    });
    return { results };
  },
  refuse: (request, errorCode) => ({ results: request.topics.map(({ name }) => ({ name, errorCode })) }),
});

/** Makes records before an offset unreadable. */
export const deleteRecordsHandler = handler(deleteRecords, {
  handle: (request, { broker }) => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, offset }) => {
        const topic = broker.topics.get(name);
        const log = topic?.partitions[partitionIndex];
        const refused = (errorCode: number) => ({ partitionIndex, lowWatermark: -1, errorCode });
        if (topic === undefined || log === undefined) return refused(ErrorCode.unknownTopicOrPartition);
        if (topic.internal || !log.config.deletes) return refused(ErrorCode.policyViolation);
        const before = offset === -1 ? log.nextOffset : offset;
        if (before < 0 || before > log.nextOffset) return refused(ErrorCode.offsetOutOfRange);
        log.deleteBefore(before);
        return { partitionIndex, lowWatermark: log.startOffset, errorCode: ErrorCode.none };
      }),
    })),
  }),
  refuse: (request, errorCode) => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, lowWatermark: -1, errorCode })),
    })),
  }),
});
