import { NODE_ID, type Broker } from '../broker.ts';
import { metadataOf, type Group } from '../groups/group.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import { deleteGroups, describeGroups, findCoordinator, listGroups } from '../protocol/messages/index.ts';
import { handler } from './handler.ts';

const COORDINATOR_LISTS_VERSION = 4;
/** The protocol type of plain consumers. */
const GROUP_TYPE = 'classic';
/** From this version on a group that does not exist is an error, before it was a dead group (KIP-1043). */
const MISSING_IS_ERROR_VERSION = 6;
/** Kafka's operations on a group (read, delete, describe, …), as a bit set. */
const GROUP_OPERATIONS = 0b0001_0100_1000;
const OPERATIONS_UNKNOWN = -2147483648;

/** There is one broker, so it coordinates everything. */
export const findCoordinatorHandler = handler(findCoordinator, {
  handle(request, { broker, version }) {
    const here = { nodeId: NODE_ID, host: broker.host, port: broker.port, errorCode: ErrorCode.none };
    if (version < COORDINATOR_LISTS_VERSION) return here;
    return { coordinators: request.coordinatorKeys.map((key) => ({ key, ...here, errorMessage: null })) };
  },
  refuse: (request, errorCode) => ({
    errorCode,
    nodeId: -1,
    port: -1,
    coordinators: request.coordinatorKeys.map((key) => ({
      key,
      nodeId: -1,
      host: '',
      port: -1,
      errorCode,
      errorMessage: null,
    })),
  }),
});

/** Groups with their members and assignments. */
export const describeGroupsHandler = handler(describeGroups, {
  handle: (request, { broker, version }) => ({
    groups: request.groups.map((groupId) => {
      const group = broker.groups.get(groupId);
      const authorizedOperations = request.includeAuthorizedOperations
        ? GROUP_OPERATIONS
        : OPERATIONS_UNKNOWN;
      if (group !== undefined) return { ...described(group), authorizedOperations };
      const errorCode = version >= MISSING_IS_ERROR_VERSION ? ErrorCode.groupIdNotFound : ErrorCode.none;
      return { ...nothing(groupId, errorCode), groupState: 'Dead', authorizedOperations };
    }),
  }),
  refuse: (request, errorCode) => ({ groups: request.groups.map((groupId) => nothing(groupId, errorCode)) }),
});

function nothing(groupId: string, errorCode: number) {
  return { errorCode, groupId, groupState: '', protocolType: '', protocolData: '', members: [] };
}

function described(group: Group) {
  const stable = group.state === 'Stable';
  return {
    errorCode: ErrorCode.none,
    groupId: group.id,
    groupState: group.state,
    protocolType: group.protocolType ?? '',
    protocolData: stable ? (group.protocol ?? '') : '',
    members: [...group.members.values()].map((member) => ({
      memberId: member.id,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: `/${member.clientHost}`,
      memberMetadata: stable ? metadataOf(member, group.protocol) : Buffer.alloc(0),
      memberAssignment: stable ? member.assignment : Buffer.alloc(0),
    })),
  };
}

/** The groups there are, by state if asked for. */
export const listGroupsHandler = handler(listGroups, {
  handle(request, { broker }) {
    const states = new Set(request.statesFilter.map((state) => state.toLowerCase()));
    const types = new Set(request.typesFilter.map((type) => type.toLowerCase()));
    const groups = [...broker.groups.groups.values()]
      .filter((group) => states.size === 0 || states.has(group.state.toLowerCase()))
      .filter(() => types.size === 0 || types.has(GROUP_TYPE))
      .map((group) => ({
        groupId: group.id,
        protocolType: group.protocolType ?? '',
        groupState: group.state,
        groupType: GROUP_TYPE,
      }));
    return { errorCode: ErrorCode.none, groups };
  },
  refuse: (_, errorCode) => ({ errorCode, groups: [] }),
});

/** Deletes groups that have no members. */
export const deleteGroupsHandler = handler(deleteGroups, {
  handle: (request, { broker }) => ({
    results: request.groupNames.map((groupId) => ({ groupId, errorCode: deleteGroup(broker, groupId) })),
  }),
  refuse: (request, errorCode) => ({
    results: request.groupNames.map((groupId) => ({ groupId, errorCode })),
  }),
});

function deleteGroup(broker: Broker, groupId: string): number {
  const group = broker.groups.get(groupId);
  if (group === undefined) return ErrorCode.groupIdNotFound;
  if (group.state !== 'Empty' || group.pending.size > 0) return ErrorCode.nonEmptyGroup;
  broker.groups.delete(group);
  return ErrorCode.none;
}
