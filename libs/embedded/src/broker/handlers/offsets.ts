import { ErrorCode } from '../protocol/error-code.ts';
import { offsetCommit, offsetDelete, offsetFetch } from '../protocol/messages/index.ts';
import { handler } from './handler.ts';

/** From this version on several groups are asked for at once. */
const GROUP_LISTS_VERSION = 8;

/** Commits a group's offsets. */
export const offsetCommitHandler = handler(offsetCommit, {
  handle: (request, { broker }) => ({ topics: broker.offsets.commit(request) }),
  refuse: (request, errorCode) => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  }),
});

/** The offsets that groups have committed. */
export const offsetFetchHandler = handler(offsetFetch, {
  handle(request, { broker, version }) {
    const { requireStable } = request;
    if (version < GROUP_LISTS_VERSION) {
      return { topics: broker.offsets.fetch(request.groupId, request.topics, requireStable) };
    }
    return {
      groups: request.groups.map(({ groupId, topics }) => ({
        groupId,
        topics: broker.offsets.fetch(groupId, topics, requireStable),
      })),
    };
  },
  refuse: (request, errorCode) => ({
    errorCode,
    topics: (request.topics ?? []).map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({
        partitionIndex,
        committedOffset: -1,
        metadata: '',
        errorCode,
      })),
    })),
    groups: request.groups.map(({ groupId }) => ({ groupId, topics: [], errorCode })),
  }),
});

/** Removes committed offsets of topics that the group does not read any more. */
export const offsetDeleteHandler = handler(offsetDelete, {
  handle(request, { broker }) {
    const group = broker.groups.get(request.groupId);
    if (group === undefined) return { errorCode: ErrorCode.groupIdNotFound, topics: [] };
    if (group.members.size > 0 && group.protocolType !== 'consumer') {
      return { errorCode: ErrorCode.nonEmptyGroup, topics: [] };
    }
    const topics = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => partitionIndex),
    }));
    return { errorCode: ErrorCode.none, topics: broker.offsets.delete(group, topics) };
  },
  refuse: (_, errorCode) => ({ errorCode, topics: [] }),
});
