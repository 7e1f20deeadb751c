import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import type { GroupStore } from './group-store.ts';
import {
  commonProtocol,
  type Group,
  type JoinResult,
  type Member,
  type Protocol,
  type SyncResult,
} from './group.ts';
import type { Rebalance } from './rebalance.ts';

export interface JoinRequest {
  readonly groupId: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly protocolType: string;
  readonly protocols: readonly Protocol[];
  readonly clientId: string;
  readonly clientHost: string;
  /** Whether a new member first gets its id and joins with it in a second request (KIP-394). */
  readonly idFirst: boolean;
  /** Whether a static member that comes back to a stable group as its leader can be told to assign nothing (KIP-814). */
  readonly mayskipAssignment: boolean;
}

export interface SyncRequest {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignments: readonly { memberId: string; assignment: Buffer }[];
}

export interface SessionLimits {
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
}

/** Joining, syncing, staying in and leaving a group. */
export class Membership {
  readonly #store: GroupStore;
  readonly #clock: Clock;
  readonly #rebalance: Rebalance;
  readonly #limits: SessionLimits;

  constructor(options: { store: GroupStore; clock: Clock; rebalance: Rebalance; limits: SessionLimits }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#rebalance = options.rebalance;
    this.#limits = options.limits;
    for (const group of this.#store.groups.values()) {
      for (const member of group.members.values()) this.#rebalance.refresh(group, member);
    }
  }

  /** Answers once everybody has joined, or with an error at once. */
  join(request: JoinRequest, answer: (result: JoinResult) => void): void {
    const refuse = (errorCode: number, memberId = request.memberId) => answer({ errorCode, memberId });
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.#limits;
    if (request.groupId === '') return refuse(ErrorCode.invalidGroupId);
    if (request.sessionTimeoutMs < minSessionTimeoutMs || request.sessionTimeoutMs > maxSessionTimeoutMs) {
      return refuse(ErrorCode.invalidSessionTimeout);
    }
    const known = this.#store.get(request.groupId);
    if (known === undefined && request.memberId !== '') return refuse(ErrorCode.unknownMemberId);
    const group = known ?? this.#store.getOrCreate(request.groupId);
    if (!fits(group, request)) return refuse(ErrorCode.inconsistentGroupProtocol);
    if (group.members.size === 0) group.protocolType = request.protocolType;
    if (request.memberId === '') this.#joinNew(group, request, answer);
    else this.#joinKnown(group, request, answer);
  }

  sync(request: SyncRequest, answer: (result: SyncResult) => void): void {
    const { group, member, errorCode } = this.#find(request);
    if (errorCode !== ErrorCode.none) return answer({ errorCode });
    const otherType = request.protocolType !== null && request.protocolType !== group!.protocolType;
    const otherName = request.protocolName !== null && request.protocolName !== group!.protocol;
    if (otherType || otherName) return answer({ errorCode: ErrorCode.inconsistentGroupProtocol });
    this.#rebalance.refresh(group!, member!);
    if (group!.state === 'PreparingRebalance') return answer({ errorCode: ErrorCode.rebalanceInProgress });
    this.#rebalance.answerSync(member!, { errorCode: ErrorCode.unknownMemberId });
    member!.syncing = answer;
    if (group!.state === 'CompletingRebalance') {
      if (group!.leader !== member!.id) return;
      const assignments = new Map(request.assignments.map((item) => [item.memberId, item.assignment]));
      return this.#rebalance.assign(group!, assignments);
    }
    this.#rebalance.answerSync(member!, {
      errorCode: ErrorCode.none,
      protocolType: group!.protocolType,
      protocolName: group!.protocol,
      assignment: member!.assignment,
    });
  }

  /** @returns an error code */
  heartbeat(request: Pick<SyncRequest, 'groupId' | 'generationId' | 'memberId' | 'groupInstanceId'>): number {
    const { group, member, errorCode } = this.#find(request);
    if (errorCode !== ErrorCode.none) return errorCode;
    this.#rebalance.refresh(group!, member!);
    return group!.state === 'PreparingRebalance' ? ErrorCode.rebalanceInProgress : ErrorCode.none;
  }

  /** @returns an error code */
  leave(groupId: string, who: { memberId: string; groupInstanceId: string | null }): number {
    const group = this.#store.get(groupId);
    if (group === undefined) return ErrorCode.unknownMemberId;
    const pending = group.pending.get(who.memberId);
    if (pending !== undefined) {
      this.#forgetPending(group, who.memberId);
      return ErrorCode.none;
    }
    const ownId = who.groupInstanceId === null ? who.memberId : group.instances.get(who.groupInstanceId);
    if (ownId === undefined) return ErrorCode.unknownMemberId;
    if (who.memberId !== '' && who.memberId !== ownId) return ErrorCode.fencedInstanceId;
    const member = group.members.get(ownId);
    if (member === undefined) return ErrorCode.unknownMemberId;
    this.#rebalance.remove(group, member);
    return ErrorCode.none;
  }

  /** Whether a member may act for the group now; also what offset commits go by. @returns an error code */
  check(request: Pick<SyncRequest, 'groupId' | 'generationId' | 'memberId' | 'groupInstanceId'>): number {
    const { group, member, errorCode } = this.#find(request);
    if (errorCode === ErrorCode.none) this.#rebalance.refresh(group!, member!);
    return errorCode;
  }

  #joinNew(group: Group, request: JoinRequest, answer: (result: JoinResult) => void): void {
    const { groupInstanceId } = request;
    const memberId = `${groupInstanceId ?? request.clientId}-${randomUUID()}`;
    if (groupInstanceId === null) {
      if (request.idFirst) {
        const expires = this.#clock.after(request.sessionTimeoutMs, () =>
          this.#forgetPending(group, memberId),
        );
        group.pending.set(memberId, expires);
        return answer({ errorCode: ErrorCode.memberIdRequired, memberId });
      }
      return this.#add(group, memberId, request, answer);
    }
    const oldId = group.instances.get(groupInstanceId);
    const old = oldId === undefined ? undefined : group.members.get(oldId);
    if (old === undefined) return this.#add(group, memberId, request, answer);
    this.#replaceStatic(group, old, { memberId, request, answer });
  }

  /** A static member has restarted: it takes the place of its former self. */
  #replaceStatic(
    group: Group,
    old: Member,
    by: { memberId: string; request: JoinRequest; answer: (result: JoinResult) => void },
  ): void {
    const { memberId, request, answer } = by;
    old.session?.cancel();
    this.#rebalance.answerJoin(old, { errorCode: ErrorCode.fencedInstanceId, memberId: old.id });
    this.#rebalance.answerSync(old, { errorCode: ErrorCode.fencedInstanceId });
    const member: Member = { ...memberOf(memberId, request), assignment: old.assignment };
    const entries = [...group.members].map(([id, other]) =>
      other === old ? [memberId, member] : [id, other],
    );
    group.members.clear();
    for (const [id, other] of entries as [string, Member][]) group.members.set(id, other);
    group.instances.set(request.groupInstanceId!, memberId);
    const led = group.leader === old.id;
    if (led) group.leader = memberId;
    const unchanged = group.state === 'Stable' && sameProtocols(old, request.protocols);
    if (!unchanged) return this.#rebalance.join(group, member, answer);
    this.#store.saveGroup(group);
    this.#rebalance.refresh(group, member);
    if (!led || request.mayskipAssignment) return answer(this.#rebalance.joined(group, member, led));
    // Older clients must not be told that they lead, or they would assign anew and be waited for.
    answer({ ...this.#rebalance.joined(group, member), leader: old.id, members: [] });
  }

  #joinKnown(group: Group, request: JoinRequest, answer: (result: JoinResult) => void): void {
    const { memberId, groupInstanceId } = request;
    if (group.pending.has(memberId)) {
      group.pending.get(memberId)!.cancel();
      group.pending.delete(memberId);
      return this.#add(group, memberId, request, answer);
    }
    if (groupInstanceId !== null) {
      const ownId = group.instances.get(groupInstanceId);
      if (ownId !== undefined && ownId !== memberId)
        return answer({ errorCode: ErrorCode.fencedInstanceId, memberId });
    }
    const member = group.members.get(memberId);
    if (member === undefined) return answer({ errorCode: ErrorCode.unknownMemberId, memberId });
    const unchanged = sameProtocols(member, request.protocols);
    const settled =
      (group.state === 'CompletingRebalance' && unchanged) ||
      (group.state === 'Stable' && unchanged && group.leader !== memberId);
    member.protocols = request.protocols.map(copied);
    member.rebalanceTimeoutMs = request.rebalanceTimeoutMs;
    member.sessionTimeoutMs = request.sessionTimeoutMs;
    if (!settled) return this.#rebalance.join(group, member, answer);
    this.#rebalance.refresh(group, member);
    answer(this.#rebalance.joined(group, member));
  }

  #add(group: Group, memberId: string, request: JoinRequest, answer: (result: JoinResult) => void): void {
    const member = memberOf(memberId, request);
    group.members.set(memberId, member);
    if (member.instanceId !== null) group.instances.set(member.instanceId, memberId);
    group.leader ??= memberId;
    this.#rebalance.join(group, member, answer);
  }

  #forgetPending(group: Group, memberId: string): void {
    group.pending.get(memberId)?.cancel();
    if (group.pending.delete(memberId)) this.#rebalance.completeIfAllJoined(group);
  }

  #find(request: Pick<SyncRequest, 'groupId' | 'generationId' | 'memberId' | 'groupInstanceId'>): {
    group?: Group;
    member?: Member;
    errorCode: number;
  } {
    const { groupInstanceId, memberId } = request;
    if (request.groupId === '') return { errorCode: ErrorCode.invalidGroupId };
    const group = this.#store.get(request.groupId);
    if (group === undefined) return { errorCode: ErrorCode.unknownMemberId };
    if (groupInstanceId !== null) {
      const ownId = group.instances.get(groupInstanceId);
      if (ownId === undefined) return { errorCode: ErrorCode.unknownMemberId };
      if (ownId !== memberId) return { errorCode: ErrorCode.fencedInstanceId };
    }
    const member = group.members.get(memberId);
    if (member === undefined) return { errorCode: ErrorCode.unknownMemberId };
    if (request.generationId !== group.generation) return { errorCode: ErrorCode.illegalGeneration };
    return { group, member, errorCode: ErrorCode.none };
  }
}

function fits(group: Group, request: JoinRequest): boolean {
  if (request.protocolType === '' || request.protocols.length === 0) return false;
  if (group.members.size === 0) return true;
  if (group.protocolType !== request.protocolType) return false;
  const newcomer = memberOf(request.memberId, request);
  const others = [...group.members.values()].filter(
    (member) =>
      member.id !== request.memberId &&
      (request.groupInstanceId === null || member.instanceId !== request.groupInstanceId),
  );
  return commonProtocol([...others, newcomer]) !== undefined;
}

function memberOf(id: string, request: JoinRequest): Member {
  return {
    id,
    instanceId: request.groupInstanceId,
    clientId: request.clientId,
    clientHost: request.clientHost,
    rebalanceTimeoutMs:
      request.rebalanceTimeoutMs < 0 ? request.sessionTimeoutMs : request.rebalanceTimeoutMs,
    sessionTimeoutMs: request.sessionTimeoutMs,
    protocols: request.protocols.map(copied),
    assignment: Buffer.alloc(0),
  };
}

/** Requests are views of a whole frame; what is kept is copied, so that the frame can go. */
function copied({ name, metadata }: Protocol): Protocol {
  return { name, metadata: Buffer.from(metadata) };
}

function sameProtocols(member: Member, protocols: readonly Protocol[]): boolean {
  return (
    member.protocols.length === protocols.length &&
    member.protocols.every((own, index) => {
      const other = protocols[index]!;
      return own.name === other.name && own.metadata.equals(other.metadata);
    })
  );
}
