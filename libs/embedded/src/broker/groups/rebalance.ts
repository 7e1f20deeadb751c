import type { Clock } from '../clock.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import type { GroupStore } from './group-store.ts';
import { commonProtocol, metadataOf, type Group, type JoinResult, type Member } from './group.ts';

/** The rebalances of the classic group protocol: everybody joins, the leader assigns, everybody is told. */
export class Rebalance {
  readonly #store: GroupStore;
  readonly #clock: Clock;
  readonly #initialDelayMs: number;

  constructor(options: { store: GroupStore; clock: Clock; initialDelayMs: number }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#initialDelayMs = options.initialDelayMs;
  }

  /** Asks all members to join anew. */
  begin(group: Group): void {
    const wasEmpty = group.state === 'Empty';
    for (const member of group.members.values()) {
      this.answerSync(member, { errorCode: ErrorCode.rebalanceInProgress });
    }
    this.#enter(group, 'PreparingRebalance');
    group.rebalance?.cancel();
    if (wasEmpty && this.#initialDelayMs > 0) {
      group.rebalance = this.#clock.after(this.#initialDelayMs, () => this.#complete(group));
      return;
    }
    const longestMs = Math.max(0, ...[...group.members.values()].map((member) => member.rebalanceTimeoutMs));
    group.rebalance = this.#clock.after(longestMs, () => this.#complete(group));
    this.completeIfAllJoined(group);
  }

  completeIfAllJoined(group: Group): void {
    if (group.state !== 'PreparingRebalance' || group.pending.size > 0) return;
    const initial = this.#initialDelayMs > 0 && group.generation === 0;
    if (initial && group.members.size > 0) return;
    for (const member of group.members.values()) if (member.joining === undefined) return;
    this.#complete(group);
  }

  /** Puts the member in the group's memory and begins, or goes on with, a rebalance. */
  join(group: Group, member: Member, answer: (result: JoinResult) => void): void {
    this.answerJoin(member, { errorCode: ErrorCode.unknownMemberId, memberId: member.id });
    member.joining = answer;
    member.session?.cancel();
    if (group.state === 'PreparingRebalance') this.completeIfAllJoined(group);
    else this.begin(group);
  }

  /** Takes the member out; the others are asked to join anew. */
  remove(group: Group, member: Member): void {
    member.session?.cancel();
    this.answerJoin(member, { errorCode: ErrorCode.unknownMemberId, memberId: member.id });
    this.answerSync(member, { errorCode: ErrorCode.unknownMemberId });
    group.members.delete(member.id);
    if (member.instanceId !== null && group.instances.get(member.instanceId) === member.id) {
      group.instances.delete(member.instanceId);
    }
    if (group.leader === member.id) group.leader = group.members.keys().next().value ?? null;
    if (group.state === 'Stable' || group.state === 'CompletingRebalance') this.begin(group);
    else this.completeIfAllJoined(group);
  }

  /** Counts the member as alive from now on, for its session timeout. */
  refresh(group: Group, member: Member): void {
    member.session?.cancel();
    member.session = this.#clock.after(member.sessionTimeoutMs, () => {
      if (group.members.get(member.id) === member && !member.joining) this.remove(group, member);
    });
  }

  /** Takes over the leader's assignment and tells everybody. */
  assign(group: Group, assignments: ReadonlyMap<string, Buffer>): void {
    for (const member of group.members.values()) {
      member.assignment = Buffer.from(assignments.get(member.id) ?? Buffer.alloc(0));
    }
    group.rebalance?.cancel();
    this.#enter(group, 'Stable');
    this.#store.saveGroup(group);
    for (const member of group.members.values()) {
      this.answerSync(member, {
        errorCode: ErrorCode.none,
        protocolType: group.protocolType,
        protocolName: group.protocol,
        assignment: member.assignment,
      });
    }
  }

  /** What a member is told at the end of joining. */
  joined(group: Group, member: Member, skipAssignment = false): JoinResult {
    const leads = group.leader === member.id;
    return {
      errorCode: ErrorCode.none,
      memberId: member.id,
      generationId: group.generation,
      protocolType: group.protocolType,
      protocolName: group.protocol,
      leader: group.leader ?? '',
      skipAssignment,
      members: !leads
        ? []
        : [...group.members.values()].map((other) => ({
            memberId: other.id,
            groupInstanceId: other.instanceId,
            metadata: metadataOf(other, group.protocol),
          })),
    };
  }

  answerJoin(member: Member, result: JoinResult): void {
    const answer = member.joining;
    member.joining = undefined;
    answer?.(result);
  }

  answerSync(member: Member, result: Parameters<NonNullable<Member['syncing']>>[0]): void {
    const answer = member.syncing;
    member.syncing = undefined;
    answer?.(result);
  }

  #enter(group: Group, state: Group['state']): void {
    group.state = state;
    group.stateSinceMs = this.#clock.now();
  }

  #complete(group: Group): void {
    if (group.state !== 'PreparingRebalance') return;
    group.rebalance?.cancel();
    for (const member of [...group.members.values()]) {
      if (member.joining !== undefined || member.instanceId !== null) continue;
      member.session?.cancel();
      group.members.delete(member.id);
    }
    group.generation++;
    if (group.members.size === 0) {
      group.protocol = null;
      group.leader = null;
      this.#enter(group, 'Empty');
      this.#store.saveGroup(group);
      return;
    }
    group.protocol = commonProtocol(group.members.values()) ?? null;
    const present = [...group.members.values()].filter((member) => member.joining !== undefined);
    if (!present.some((member) => member.id === group.leader)) {
      group.leader = (present[0] ?? group.members.values().next().value)!.id;
    }
    this.#enter(group, 'CompletingRebalance');
    for (const member of group.members.values()) {
      this.answerJoin(member, this.joined(group, member));
      this.refresh(group, member);
    }
    this.#awaitSync(group);
  }

  /** Members that joined and then do not ask for their assignment within the rebalance timeout are taken out. */
  #awaitSync(group: Group): void {
    const { generation } = group;
    const longestMs = Math.max(...[...group.members.values()].map((member) => member.rebalanceTimeoutMs));
    group.rebalance = this.#clock.after(longestMs, () => {
      if (group.generation !== generation || group.state !== 'CompletingRebalance') return;
      for (const member of [...group.members.values()]) {
        if (member.syncing === undefined && group.members.has(member.id)) this.remove(group, member);
      }
    });
  }
}
