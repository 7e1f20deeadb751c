import type { ControlType } from '@millrace/record-batch';
import type { Entry, KeyedLog, Producer, ReplayedEntry } from '../log/keyed-log.ts';
import {
  decodeGroupKey,
  decodeGroupValue,
  decodeOffsetValue,
  encodeGroupKey,
  encodeGroupValue,
  encodeOffsetKey,
  encodeOffsetValue,
  type GroupValue,
} from './group-records.ts';
import { emptyGroup, metadataOf, setOffset, type CommittedOffset, type Group } from './group.ts';

export interface OffsetChange {
  readonly topic: string;
  readonly partition: number;
  /** Undefined removes the offset. */
  readonly value: CommittedOffset | undefined;
}

/** The groups, in memory and in `__consumer_offsets`: nothing is changed here that is not written there first. */
export class GroupStore {
  readonly groups = new Map<string, Group>();
  readonly #log: KeyedLog;
  readonly #now: () => number;

  constructor(log: KeyedLog, now: () => number) {
    this.#log = log;
    this.#now = now;
    log.replay({
      entry: (entry, producerId) => this.#replay(entry, producerId),
      end: (producerId, type) => this.#settle(producerId, type),
    });
  }

  get(id: string): Group | undefined {
    return this.groups.get(id);
  }

  getOrCreate(id: string): Group {
    let group = this.groups.get(id);
    if (group === undefined) this.groups.set(id, (group = emptyGroup(id, this.#now())));
    return group;
  }

  /** Keeps the group's generation, members and assignment. */
  saveGroup(group: Group): void {
    const value = encodeGroupValue({
      protocolType: group.protocolType ?? '',
      generation: group.generation,
      protocol: group.protocol,
      leader: group.leader,
      currentStateTimestamp: group.stateSinceMs,
      members: [...group.members.values()].map((member) => ({
        memberId: member.id,
        groupInstanceId: member.instanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        rebalanceTimeout: member.rebalanceTimeoutMs,
        sessionTimeout: member.sessionTimeoutMs,
        subscription: metadataOf(member, group.protocol),
        assignment: member.assignment,
      })),
    });
    this.#log.put([{ key: encodeGroupKey(group.id), value }]);
  }

  /** Writes offsets, then makes them visible; those of a transaction only once it is committed. */
  saveOffsets(group: Group, changes: readonly OffsetChange[], transaction?: Producer): void {
    const entries = changes.map(({ topic, partition, value }) => ({
      key: encodeOffsetKey({ group: group.id, topic, partition }),
      value: value === undefined ? null : encodeOffsetValue(value),
    }));
    let recordOffset = this.#log.put(entries, transaction);
    for (const change of changes)
      this.#apply(group, { ...change, recordOffset: recordOffset++ }, transaction?.producerId);
  }

  /** Commits or drops the offsets that the producer's transaction holds. To be called once its marker is written. */
  settle(producerId: number, type: ControlType): void {
    this.#settle(producerId, type);
  }

  delete(group: Group): void {
    const entries: Entry[] = [{ key: encodeGroupKey(group.id), value: null }];
    for (const [topic, partitions] of group.offsets) {
      for (const partition of partitions.keys()) {
        entries.push({ key: encodeOffsetKey({ group: group.id, topic, partition }), value: null });
      }
    }
    this.#log.put(entries);
    this.groups.delete(group.id);
  }

  #apply(
    group: Group,
    change: OffsetChange & { recordOffset: number },
    producerId: number | undefined,
  ): void {
    const { topic, partition, value, recordOffset } = change;
    let table = group.offsets;
    if (producerId !== undefined) {
      table = group.pendingOffsets.get(producerId) ?? new Map();
      group.pendingOffsets.set(producerId, table);
    }
    setOffset(table, { topic, partition }, value && { ...value, recordOffset });
  }

  #settle(producerId: number, type: ControlType): void {
    for (const group of this.groups.values()) {
      const pending = group.pendingOffsets.get(producerId);
      if (pending === undefined) continue;
      group.pendingOffsets.delete(producerId);
      if (type === 'abort') continue;
      for (const [topic, partitions] of pending) {
        for (const [partition, value] of partitions) {
          const known = group.offsets.get(topic)?.get(partition);
          if (known !== undefined && known.recordOffset > value.recordOffset) continue;
          setOffset(group.offsets, { topic, partition }, value);
        }
      }
    }
  }

  #replay({ key, value, offset: recordOffset }: ReplayedEntry, producerId: number | undefined): void {
    const about = decodeGroupKey(key);
    if (about === undefined) return;
    if (about.kind === 'offset') {
      const offset = value === null ? undefined : decodeOffsetValue(value);
      const { topic, partition } = about;
      if (offset === undefined && !this.groups.has(about.group)) return;
      this.#apply(
        this.getOrCreate(about.group),
        { topic, partition, value: offset, recordOffset },
        producerId,
      );
    } else if (value === null) this.groups.delete(about.group);
    else restore(this.getOrCreate(about.group), decodeGroupValue(value));
  }
}

function restore(group: Group, saved: GroupValue): void {
  group.generation = saved.generation;
  group.protocolType = saved.protocolType === '' ? null : saved.protocolType;
  group.protocol = saved.protocol;
  group.leader = saved.leader;
  group.stateSinceMs = saved.currentStateTimestamp;
  group.members.clear();
  group.instances.clear();
  for (const member of saved.members) {
    group.members.set(member.memberId, {
      id: member.memberId,
      instanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeoutMs: member.rebalanceTimeout,
      sessionTimeoutMs: member.sessionTimeout,
      protocols: [{ name: saved.protocol ?? '', metadata: Buffer.from(member.subscription) }],
      assignment: Buffer.from(member.assignment),
    });
    if (member.groupInstanceId !== null) group.instances.set(member.groupInstanceId, member.memberId);
  }
  group.state = group.members.size > 0 ? 'Stable' : 'Empty';
}
