import { initProducerId, offsetFetch } from '../../src/broker/protocol/messages/index.ts';
import { batchOf, fetchFrom, produceBatch, readAll } from '../log-client.ts';
import {
  addPartition,
  commitInTransaction,
  endTransaction,
  initTransactions,
  type Identity,
} from '../transaction-client.ts';
import type { WireClient } from '../wire-client.ts';

/** Writes until its connection breaks, remembers what was acknowledged, and says afterwards what is wrong with the log. */
export interface Writer {
  run(client: WireClient): Promise<never>;
  /** Reads what is new since the last check; throws if it is not what was acknowledged. */
  check(client: WireClient): Promise<void>;
}

function expectThat(right: boolean, wrong: () => string): asserts right {
  if (!right) throw new Error(wrong());
}

const BATCH = 5;

/** An idempotent producer: each value is there once, in order, whether its first acknowledgement arrived or not. */
export function idempotentWriter(topic: string): Writer {
  let producer: { producerId: number; producerEpoch: number } | undefined;
  let next = 0;
  let checkedOffset = 0;
  let checkedValue = 0;
  return {
    async run(client) {
      for (;;) {
        producer ??= await client.call(initProducerId, { transactionalId: null, transactionTimeoutMs: 1000 });
        const values = Array.from({ length: BATCH }, (_, index) => ({ value: `v${next + index}` }));
        const answer = await produceBatch(
          client,
          { topic },
          batchOf(values, { ...producer, baseSequence: next }),
        );
        expectThat(answer.errorCode === 0, () => `producing v${next} gave error ${answer.errorCode}`);
        next += BATCH;
      }
    },
    async check(client) {
      const { records, nextOffset } = await readAll(client, { topic }, { offset: checkedOffset });
      for (const { value, offset } of records) {
        expectThat(
          value === `v${checkedValue}`,
          () => `offset ${offset} holds ${value}, not v${checkedValue}`,
        );
        checkedValue++;
      }
      checkedOffset = nextOffset;
      expectThat(
        checkedValue >= next,
        () => `v${next - 1} was acknowledged; the log ends at v${checkedValue - 1}`,
      );
      expectThat(
        checkedValue <= next + BATCH,
        () => `the log ends at v${checkedValue - 1}, past v${next - 1}`,
      );
    },
  };
}

/** Transactions that write to two partitions and commit an offset, every third one aborted: all of it or nothing. */
export function transactionalWriter(topic: string, groupId: string): Writer {
  let who: Identity | undefined;
  let sequences = [0, 0];
  let next = 0;
  let lastCommitted = -1;
  const committed = new Set<number>();
  const aborted = new Set<number>();
  const checkedOffsets = [0, 0];
  const seen: number[][] = [[], []];

  const transact = async (client: WireClient, identity: Identity): Promise<void> => {
    const id = next++;
    const { transactionalId } = identity;
    for (const partition of [0, 1]) {
      expectThat(
        (await addPartition(client, identity, topic, partition)) === 0,
        () => 'a partition was refused',
      );
      const values = Array.from({ length: BATCH }, () => ({ value: `t${id}` }));
      const batch = batchOf(values, {
        ...identity,
        transactional: true,
        baseSequence: sequences[partition]!,
      });
      const { errorCode } = await produceBatch(client, { topic, partition }, batch, { transactionalId });
      expectThat(errorCode === 0, () => `producing t${id} gave error ${errorCode}`);
      sequences[partition]! += BATCH;
    }
    const errorCode = await commitInTransaction(client, identity, { groupId, topic, offset: id });
    expectThat(errorCode === 0, () => `committing offset ${id} gave error ${errorCode}`);
    const commits = id % 3 !== 2;
    // Of an aborted transaction it is certain at once that nothing may ever be seen.
    if (!commits) aborted.add(id);
    const ended = await endTransaction(client, identity, commits);
    expectThat(ended === 0, () => `ending t${id} gave error ${ended}`);
    if (commits) committed.add(id);
  };

  return {
    async run(client) {
      const identity = await initTransactions(client, 'crash-transactions');
      expectThat(identity.errorCode === 0, () => `the producer was refused with error ${identity.errorCode}`);
      who = identity;
      sequences = [0, 0];
      for (;;) await transact(client, who);
    },
    async check(client) {
      // Whatever the crash left open is aborted by this, so that everything can be read.
      await initTransactions(client, 'crash-transactions');
      for (const partition of [0, 1]) {
        const options = { offset: checkedOffsets[partition]!, committedOnly: true };
        const { records, nextOffset } = await readAll(client, { topic, partition }, options);
        const counts = new Map<number, number>();
        for (const { value } of records) {
          const id = Number(value!.slice(1));
          counts.set(id, (counts.get(id) ?? 0) + 1);
        }
        for (const [id, count] of counts) {
          expectThat(count === BATCH, () => `t${id} is there ${count} times in partition ${partition}`);
          expectThat(!aborted.has(id), () => `t${id} was aborted and is seen`);
          expectThat(!seen[partition]!.includes(id), () => `t${id} is there again`);
          seen[partition]!.push(id);
          lastCommitted = Math.max(lastCommitted, id);
        }
        checkedOffsets[partition] = nextOffset;
        const end = await fetchFrom(
          client,
          { topic, partition },
          { offset: nextOffset, committedOnly: true },
        );
        expectThat(
          end.highWatermark === nextOffset,
          () => `reading ends at ${nextOffset} of ${end.highWatermark}`,
        );
      }
      const [first, second] = seen.map((ids) => ids.join());
      expectThat(
        first === second,
        () => `a transaction is there in one partition only: ${first} | ${second}`,
      );
      const visible = new Set(seen[0]);
      for (const id of committed) expectThat(visible.has(id), () => `t${id} was committed and is not there`);
      const topics = [{ name: topic, partitionIndexes: [0] }];
      const answer = await client.call(offsetFetch, { groups: [{ groupId, topics }], requireStable: true });
      const offset = answer.groups[0]!.topics[0]!.partitions[0]!.committedOffset;
      expectThat(
        offset === lastCommitted,
        () => `the group's offset is ${offset}; t${lastCommitted} is the last`,
      );
    },
  };
}

const KEYS = 40;

/** Overwrites a few keys of a compacted topic again and again: the last acknowledged value of each key is kept. */
export function tableWriter(topic: string): Writer {
  const acknowledged = new Map<string, number>();
  let next = 0;
  let round = 0;
  return {
    async run(client) {
      for (;;) {
        const key = `k${next % KEYS}`;
        const entries = Array.from({ length: BATCH }, () => ({ key, value: `${next++}`.padEnd(100, '.') }));
        const answer = await produceBatch(client, { topic }, batchOf(entries));
        expectThat(answer.errorCode === 0, () => `producing ${key} gave error ${answer.errorCode}`);
        acknowledged.set(key, next - 1);
      }
    },
    async check(client) {
      if (round++ % 4 !== 0) return;
      const table = new Map<string, number>();
      const { records } = await readAll(client, { topic }, { offset: 0 });
      let lastOffset = -1;
      for (const { key, value, offset } of records) {
        expectThat(offset > lastOffset, () => `offset ${offset} follows ${lastOffset}`);
        lastOffset = offset;
        const number = Number.parseInt(value!, 10);
        expectThat(
          number > (table.get(key!) ?? -1),
          () => `${key} goes back from ${table.get(key!)} to ${number}`,
        );
        table.set(key!, number);
      }
      for (const [key, number] of acknowledged) {
        const kept = table.get(key) ?? -1;
        expectThat(kept >= number, () => `${key} was acknowledged as ${number} and is ${kept}`);
      }
    },
  };
}
