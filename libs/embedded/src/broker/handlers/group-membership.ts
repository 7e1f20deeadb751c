import { ErrorCode } from '../protocol/error-code.ts';
import { heartbeat, joinGroup, leaveGroup, syncGroup } from '../protocol/messages/index.ts';
import { handler } from './handler.ts';

/** From these versions on a new member gets its id before it joins, and a leader may be told to assign nothing. */
const ID_FIRST_VERSION = 4;
const SKIP_ASSIGNMENT_VERSION = 9;
/** Up to this version one member leaves with one request. */
const LEAVE_ONE_VERSION = 2;
/** The field became nullable here; before, no protocol is an empty string. */
const NULL_PROTOCOL_VERSION = 7;

/** Joins a group; answered when all its members have. */
export const joinGroupHandler = handler(joinGroup, {
  handle: (request, { broker, version, clientId, clientHost }) =>
    new Promise((resolve) => {
      const asked = {
        ...request,
        clientId,
        clientHost,
        idFirst: version >= ID_FIRST_VERSION,
        mayskipAssignment: version >= SKIP_ASSIGNMENT_VERSION,
      };
      broker.membership.join(asked, (result) => {
        const protocolName = result.protocolName ?? (version >= NULL_PROTOCOL_VERSION ? null : '');
        resolve({ leader: '', members: [], ...result, protocolName });
      });
    }),
  refuse: (request, errorCode) => ({
    errorCode,
    memberId: request.memberId,
    protocolName: '',
    leader: '',
    members: [],
  }),
});

/** Brings the leader's assignment to the members. */
export const syncGroupHandler = handler(syncGroup, {
  handle: (request, { broker }) =>
    new Promise((resolve) => {
      broker.membership.sync(request, (result) => resolve({ assignment: Buffer.alloc(0), ...result }));
    }),
  refuse: (_, errorCode) => ({ errorCode, assignment: Buffer.alloc(0) }),
});

/** Keeps a member in its group. */
export const heartbeatHandler = handler(heartbeat, {
  handle: (request, { broker }) => ({ errorCode: broker.membership.heartbeat(request) }),
  refuse: (_, errorCode) => ({ errorCode }),
});

/** Takes members out of a group. */
export const leaveGroupHandler = handler(leaveGroup, {
  handle(request, { broker, version }) {
    const { groupId, memberId } = request;
    if (groupId === '') return { errorCode: ErrorCode.invalidGroupId };
    if (version <= LEAVE_ONE_VERSION) {
      return { errorCode: broker.membership.leave(groupId, { memberId, groupInstanceId: null }) };
    }
    const members = request.members.map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      errorCode: broker.membership.leave(groupId, member),
    }));
    return { errorCode: ErrorCode.none, members };
  },
  refuse: (_, errorCode) => ({ errorCode }),
});
