import { heartbeatV4, joinGroupV9, leaveGroupV5, syncGroupV5 } from '@platformatic/kafka';
import { brokerErrorOf, isTransient } from './broker-error.ts';
import type { Cluster } from './cluster.ts';
import { pause, retrying } from './retry.ts';

export interface MemberInfo {
  readonly memberId: string;
  readonly metadata: Buffer;
}

export interface GroupMemberOptions {
  readonly cluster: Cluster;
  readonly groupId: string;
  readonly protocol: string;
  /** A lasting name of this member (static membership): restarting under it takes the old place at once. */
  readonly instanceId: string | null;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly signal: AbortSignal;
  /** What this member tells the leader when it joins. */
  readonly metadata: () => Buffer;
  /** Called on the leader only: who gets what. */
  readonly assign: (members: readonly MemberInfo[]) => Promise<Map<string, Buffer>>;
  /** A heartbeat said that the group is rebalancing or no longer knows this member: finish, then join again. */
  readonly onRejoinNeeded: (reason: string) => void;
  readonly onRetry?: (error: unknown, attempt: number) => void;
}

export interface Generation {
  readonly generationId: number;
  readonly memberId: string;
  readonly assignment: Buffer;
  readonly isLeader: boolean;
  /** Whether the group had lost this member in between, so that others may have owned what it held. */
  readonly wasLost: boolean;
}

const protocolType = 'consumer';

/** A member of a classic consumer group, by the four calls of its protocol. */
export class GroupMember {
  readonly #options: GroupMemberOptions;
  #memberId = '';
  #generationId = -1;
  #wasLost = true;
  #heartbeat: AbortController | undefined;

  constructor(options: GroupMemberOptions) {
    this.#options = options;
  }

  get memberId(): string {
    return this.#memberId;
  }

  get generationId(): number {
    return this.#generationId;
  }

  /** Forgets the membership: the next `join` comes as a stranger. */
  forget(): void {
    this.#memberId = '';
    this.#generationId = -1;
    this.#wasLost = true;
    this.stopHeartbeat();
  }

  /** Joins, or joins again, and stays until the coordinator has settled a generation with this member in it. */
  async join(): Promise<Generation> {
    this.stopHeartbeat();
    const { signal, onRetry } = this.#options;
    const generation = await retrying(() => this.#joinOnce(), {
      signal,
      maxDelayMs: 500,
      again: (error) => this.#mayRejoin(error),
      // That others join is no trouble.
      onRetry: (error, attempt) => {
        if (brokerErrorOf(error) !== 'REBALANCE_IN_PROGRESS') onRetry?.(error, attempt);
      },
    });
    this.#wasLost = false;
    this.#startHeartbeat();
    return generation;
  }

  #mayRejoin(error: unknown): boolean {
    const code = brokerErrorOf(error);
    if (code === 'UNKNOWN_MEMBER_ID' || code === 'ILLEGAL_GENERATION') {
      this.#memberId = '';
      this.#wasLost = true;
      return true;
    }
    return code === 'REBALANCE_IN_PROGRESS' || code === 'MEMBER_ID_REQUIRED' || isTransient(error);
  }

  async #joinOnce(): Promise<Generation> {
    const { cluster, groupId, protocol, instanceId, assign, metadata } = this.#options;
    const { sessionTimeoutMs, rebalanceTimeoutMs } = this.#options;
    const to = { kind: 'group', key: groupId, role: 'group' } as const;
    const join = () =>
      cluster.sendToCoordinator(
        to,
        joinGroupV9.api,
        groupId,
        sessionTimeoutMs,
        rebalanceTimeoutMs,
        this.#memberId,
        instanceId,
        protocolType,
        [{ name: protocol, metadata: metadata() }],
        null,
      );
    let joined: Awaited<ReturnType<typeof join>>;
    try {
      joined = await join();
    } catch (error) {
      const { response } = error as { response?: { memberId: string } };
      if (brokerErrorOf(error) !== 'MEMBER_ID_REQUIRED' || response === undefined) throw error;
      this.#memberId = response.memberId;
      joined = await join();
    }
    this.#memberId = joined.memberId;
    this.#generationId = joined.generationId;
    const isLeader = joined.leader === joined.memberId;
    const assignments = isLeader && !joined.skipAssignment ? await assign(joined.members) : undefined;
    const { assignment } = await cluster.sendToCoordinator(
      to,
      syncGroupV5.api,
      groupId,
      joined.generationId,
      joined.memberId,
      instanceId,
      protocolType,
      protocol,
      [...(assignments ?? [])].map(([memberId, bytes]) => ({ memberId, assignment: bytes })),
    );
    return {
      generationId: joined.generationId,
      memberId: joined.memberId,
      assignment,
      isLeader,
      wasLost: this.#wasLost,
    };
  }

  #startHeartbeat(): void {
    const controller = new AbortController();
    this.#heartbeat = controller;
    void this.#heartbeats(controller.signal);
  }

  async #heartbeats(signal: AbortSignal): Promise<void> {
    const { cluster, groupId, instanceId, heartbeatIntervalMs, onRejoinNeeded } = this.#options;
    for (;;) {
      await pause(heartbeatIntervalMs, signal);
      if (signal.aborted) return;
      try {
        await cluster.sendToCoordinator(
          { kind: 'group', key: groupId, role: 'heartbeat' },
          heartbeatV4.api,
          groupId,
          this.#generationId,
          this.#memberId,
          instanceId,
        );
      } catch (error) {
        if (signal.aborted) return;
        const code = brokerErrorOf(error);
        if (code === 'UNKNOWN_MEMBER_ID' || code === 'ILLEGAL_GENERATION') this.#wasLost = true;
        // Anything else that is not transient is a verdict too (a fenced instance id): joining again will say so.
        if (code !== undefined && !isTransient(error)) {
          onRejoinNeeded(code);
          return;
        }
      }
    }
  }

  /** Asks whether the group still knows this member in this generation. @throws when another process took over its instance id */
  async isCurrent(): Promise<boolean> {
    const { cluster, groupId, instanceId, signal, onRetry } = this.#options;
    try {
      await retrying(
        () =>
          cluster.sendToCoordinator(
            { kind: 'group', key: groupId, role: 'heartbeat' },
            heartbeatV4.api,
            groupId,
            this.#generationId,
            this.#memberId,
            instanceId,
          ),
        { signal, ...(onRetry === undefined ? {} : { onRetry }) },
      );
      return true;
    } catch (error) {
      const code = brokerErrorOf(error);
      if (code === 'UNKNOWN_MEMBER_ID' || code === 'ILLEGAL_GENERATION') this.#wasLost = true;
      else if (code !== 'REBALANCE_IN_PROGRESS') throw error;
      return false;
    }
  }

  stopHeartbeat(): void {
    this.#heartbeat?.abort();
    this.#heartbeat = undefined;
  }

  /** Tells the group, so that it need not wait for the session to time out. Never throws: the session timeout does the same later. */
  async leave(): Promise<void> {
    this.stopHeartbeat();
    if (this.#memberId === '') return;
    const { cluster, groupId, instanceId } = this.#options;
    await cluster
      .sendToCoordinator({ kind: 'group', key: groupId, role: 'group' }, leaveGroupV5.api, groupId, [
        { memberId: this.#memberId, groupInstanceId: instanceId, reason: 'stopped' },
      ])
      .catch(() => undefined);
    this.#memberId = '';
  }
}
