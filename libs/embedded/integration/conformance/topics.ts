import { expect } from '@jest/globals';
import {
  apiVersions,
  createPartitions,
  createTopics,
  deleteRecords,
  deleteTopics,
  describeCluster,
  describeConfigs,
  incrementalAlterConfigs,
  metadata,
  offsetForLeaderEpoch,
} from '../../src/broker/protocol/messages/index.ts';
import { batchOf, createTopic, eventually, fetchFrom, offsetOf, produceBatch } from '../log-client.ts';
import type { WireClient } from '../wire-client.ts';
import type { Cases } from './suite.ts';
import { freshName } from './target.ts';

const TOPIC = 2;

async function describeTopic(client: WireClient, name: string, version?: number) {
  const request = { topics: [{ name }], allowAutoTopicCreation: false };
  return (await client.call(metadata, request, version)).topics[0]!;
}

async function settingOf(client: WireClient, topic: string, name: string, version?: number) {
  const resources = [{ resourceType: TOPIC, resourceName: topic, configurationKeys: [name] }];
  const response = await client.call(describeConfigs, { resources }, version);
  return response.results[0]!.configs[0];
}

async function alter(
  client: WireClient,
  topic: string,
  change: { name: string; configOperation: number; value: string | null },
) {
  const resources = [{ resourceType: TOPIC, resourceName: topic, configs: [change] }];
  const response = await client.call(incrementalAlterConfigs, { resources, validateOnly: false });
  return response.responses[0]!.errorCode;
}

/** Topics, their settings and the cluster. */
export const topicCases: Cases = {
  'answers an ApiVersions request of an unknown version in version 0, with UNSUPPORTED_VERSION': async ({
    client,
  }) => {
    const frame = await client.exchange({ ...apiVersions, flexibleFrom: 0 }, {}, 99);
    expect(frame.readInt16BE(4)).toBe(35);
    expect(frame.readInt32BE(6)).toBe(1);
    expect(frame.readInt16BE(10)).toBe(apiVersions.key);
  },

  'names itself, its cluster and its controller': async ({ client }) => {
    const cluster = await client.call(describeCluster, { includeClusterAuthorizedOperations: false }, 0);
    const answer = await client.call(metadata, { topics: [] });
    expect(answer.brokers).toHaveLength(1);
    expect(answer.clusterId).toBe(cluster.clusterId);
    expect(cluster.brokers[0]!.brokerId).toBe(answer.brokers[0]!.nodeId);
    expect(answer.brokers[0]!.nodeId).toBe(answer.controllerId);
  },

  'creates a topic, shows it in all versions of Metadata, and deletes it': async ({ client }) => {
    const topic = freshName('made');
    expect(await createTopic(client, topic, { partitions: 3 })).toBe(0);
    for (let version = 4; version <= metadata.versions[1]; version++) {
      const described = await describeTopic(client, topic, version);
      expect([version, described.errorCode, described.partitions.length]).toEqual([version, 0, 3]);
    }
    const gone = await client.call(deleteTopics, { topicNames: [topic], timeoutMs: 5_000 }, 5);
    expect(gone.responses[0]!.errorCode).toBe(0);
    expect((await describeTopic(client, topic)).errorCode).toBe(3);
  },

  'deletes a topic by its id, and says UNKNOWN_TOPIC_ID of one that is not there': async ({ client }) => {
    const topic = freshName('by-id');
    await createTopic(client, topic);
    const { topicId } = await describeTopic(client, topic);
    const remove = () =>
      client.call(deleteTopics, { topics: [{ name: null, topicId }], timeoutMs: 5_000 }, 6);
    expect((await remove()).responses[0]).toMatchObject({ errorCode: 0, name: topic });
    expect((await remove()).responses[0]!.errorCode).toBe(100);
  },

  'refuses topics that exist, and names, counts, replications and settings that cannot be': async ({
    client,
  }) => {
    const topic = freshName('refused');
    const errorOf = async (change: object) => {
      const one = {
        name: topic,
        numPartitions: 1,
        replicationFactor: 1,
        assignments: [],
        configs: [],
        ...change,
      };
      const answer = await client.call(createTopics, { topics: [one], timeoutMs: 5_000 });
      return answer.topics[0]!.errorCode;
    };
    expect(await errorOf({ name: 'with space' })).toBe(17);
    expect(await errorOf({ name: '..' })).toBe(17);
    expect(await errorOf({ name: 'x'.repeat(250) })).toBe(17);
    expect(await errorOf({ numPartitions: 0 })).toBe(37);
    expect(await errorOf({ replicationFactor: 3 })).toBe(38);
    expect(await errorOf({ configs: [{ name: 'retention.ms', value: 'soon' }] })).toBe(40);
    expect(await errorOf({ configs: [{ name: 'no.such.setting', value: '1' }] })).toBe(40);
    expect(await errorOf({ numPartitions: -1, replicationFactor: -1 })).toBe(0);
    expect(await errorOf({})).toBe(36);
  },

  'creates nothing when it is only asked to validate': async ({ client }) => {
    const topic = freshName('validated');
    const one = { name: topic, numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] };
    const answer = await client.call(createTopics, { topics: [one], timeoutMs: 5_000, validateOnly: true });
    expect(answer.topics[0]!.errorCode).toBe(0);
    expect((await describeTopic(client, topic)).errorCode).toBe(3);
  },

  'creates a topic that is asked for, if the client wants that': async ({ client }) => {
    const topic = freshName('automatic');
    await client.call(metadata, { topics: [{ name: topic }], allowAutoTopicCreation: true });
    for (let attempt = 0; attempt < 100 && (await describeTopic(client, topic)).errorCode !== 0; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect((await describeTopic(client, topic)).partitions.length).toBeGreaterThan(0);
  },

  'says INVALID_TOPIC of a name that cannot be one': async ({ client }) => {
    expect((await describeTopic(client, 'a b')).errorCode).toBe(17);
  },

  'adds partitions, and takes none away': async ({ client }) => {
    const topic = freshName('grown');
    await createTopic(client, topic, { partitions: 2 });
    const grow = async (count: number) => {
      const topics = [{ name: topic, count, assignments: null }];
      return (await client.call(createPartitions, { topics, timeoutMs: 5_000, validateOnly: false }))
        .results[0]!.errorCode;
    };
    expect(await grow(5)).toBe(0);
    const grown = () => describeTopic(client, topic);
    expect((await eventually(grown, (answer) => answer.partitions.length === 5)).partitions).toHaveLength(5);
    await eventually(
      () => offsetOf(client, { topic, partition: 4 }, -2),
      (answer) => answer.errorCode === 0,
    );
    expect(await grow(5)).toBe(37);
    expect(await grow(1)).toBe(37);
    expect((await produceBatch(client, { topic, partition: 4 }, batchOf([{ value: 'x' }]))).errorCode).toBe(
      0,
    );
  },

  'keeps settings, changes single ones and takes them back': async ({ client }) => {
    const topic = freshName('settings');
    await createTopic(client, topic, { configs: { 'retention.ms': '1234567' } });
    const retention = (value: string) =>
      eventually(
        () => settingOf(client, topic, 'retention.ms'),
        (answer) => answer?.value === value,
      );
    expect(await retention('1234567')).toMatchObject({ value: '1234567', configSource: 1, configType: 5 });
    expect(await settingOf(client, topic, 'cleanup.policy', 1)).toMatchObject({
      value: 'delete',
      configSource: 5,
    });
    expect(await alter(client, topic, { name: 'retention.ms', configOperation: 0, value: '7654321' })).toBe(
      0,
    );
    expect((await retention('7654321'))!.value).toBe('7654321');
    const policy = async (value: string) => {
      const ask = () => settingOf(client, topic, 'cleanup.policy');
      return (await eventually(ask, (answer) => answer?.value === value))!.value;
    };
    expect(await alter(client, topic, { name: 'cleanup.policy', configOperation: 2, value: 'compact' })).toBe(
      0,
    );
    expect(await policy('delete,compact')).toBe('delete,compact');
    expect(await alter(client, topic, { name: 'cleanup.policy', configOperation: 3, value: 'delete' })).toBe(
      0,
    );
    expect(await policy('compact')).toBe('compact');
    expect(await alter(client, topic, { name: 'retention.ms', configOperation: 1, value: null })).toBe(0);
    const inherited = await eventually(
      () => settingOf(client, topic, 'retention.ms'),
      (answer) => answer?.configSource !== 1,
    );
    expect(inherited).toMatchObject({ configSource: 5 });
    expect(await alter(client, topic, { name: 'retention.ms', configOperation: 0, value: 'never' })).toBe(40);
  },

  'says UNKNOWN_TOPIC_OR_PARTITION of the settings of a topic that is not there': async ({ client }) => {
    const resources = [{ resourceType: TOPIC, resourceName: freshName('none'), configurationKeys: null }];
    const answer = await client.call(describeConfigs, { resources });
    expect(answer.results[0]!.errorCode).toBe(3);
  },

  'deletes records before an offset, and no others': async ({ client }) => {
    const topic = freshName('cut');
    await createTopic(client, topic);
    const values = ['a', 'b', 'c', 'd'].map((value) => ({ value }));
    await produceBatch(client, { topic }, batchOf(values));
    const cut = async (offset: number) => {
      const topics = [{ name: topic, partitions: [{ partitionIndex: 0, offset }] }];
      return (await client.call(deleteRecords, { topics, timeoutMs: 5_000 })).topics[0]!.partitions[0]!;
    };
    expect(await cut(3)).toMatchObject({ errorCode: 0, lowWatermark: 3 });
    expect((await offsetOf(client, { topic }, -2)).offset).toBe(3);
    expect((await fetchFrom(client, { topic }, { offset: 2 })).errorCode).toBe(1);
    expect((await fetchFrom(client, { topic }, { offset: 3 })).errorCode).toBe(0);
    expect((await cut(5)).errorCode).toBe(1);
    expect(await cut(-1)).toMatchObject({ errorCode: 0, lowWatermark: 4 });
  },

  'refuses to delete records of a topic that is only compacted': async ({ client }) => {
    const topic = freshName('cut-compacted');
    await createTopic(client, topic, { configs: { 'cleanup.policy': 'compact' } });
    await produceBatch(client, { topic }, batchOf([{ key: 'k', value: 'v' }]));
    const topics = [{ name: topic, partitions: [{ partitionIndex: 0, offset: 1 }] }];
    const answer = await client.call(deleteRecords, { topics, timeoutMs: 5_000 });
    expect(answer.topics[0]!.partitions[0]!.errorCode).toBe(44);
  },

  'tells where a leader epoch ended': async ({ client }) => {
    const topic = freshName('epochs');
    await createTopic(client, topic);
    await produceBatch(client, { topic }, batchOf([{ value: 'a' }, { value: 'b' }]));
    const epoch = (await describeTopic(client, topic)).partitions[0]!.leaderEpoch;
    const ask = async (leaderEpoch: number, currentLeaderEpoch = -1) => {
      const partitions = [{ partition: 0, currentLeaderEpoch, leaderEpoch }];
      const answer = await client.call(offsetForLeaderEpoch, {
        replicaId: -1,
        topics: [{ topic, partitions }],
      });
      return answer.topics[0]!.partitions[0]!;
    };
    expect(await ask(epoch)).toMatchObject({ errorCode: 0, leaderEpoch: epoch, endOffset: 2 });
    expect(await ask(epoch + 1)).toMatchObject({ errorCode: 0, endOffset: -1 });
    expect((await ask(epoch, epoch + 1)).errorCode).toBe(75);
    expect((await fetchFrom(client, { topic }, { leaderEpoch: epoch + 1 })).errorCode).toBe(75);
  },
};
