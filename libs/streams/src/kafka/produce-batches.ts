import type { Broker } from '@platformatic/kafka';
import type { Cluster } from './cluster.ts';
import type { EndOffsets } from './commit-writer.ts';
import { produceApi } from './produce.ts';
import type { EncodedBatch } from './produce.ts';

/** The batches of one request: no partition twice, and not more than a broker takes at once. */
const maxRequestBytes = 16 * 1024 * 1024;
/** Where a record batch says how many offsets lie between its first and its last record. */
const lastOffsetDeltaAt = 23;

/**
 * Sends batches to the leaders of their partitions, those of one leader one request after the other, so that a repeated one
 * cannot be overtaken. Fails only when nothing is under way any more. Returns the offset behind the last record of each partition.
 */
export async function produceBatches(
  cluster: Cluster,
  batches: readonly EncodedBatch[],
  how: {
    readonly transactionalId: string | null;
    /** Makes one request, and may repeat it. */
    readonly attempt: <T>(request: () => Promise<T>) => Promise<T>;
  },
): Promise<EndOffsets> {
  const ends = new Map<string, number>();
  const requests = new Map<Broker, EncodedBatch[][]>();
  for (const batch of batches) {
    const leader = await cluster.leaderOf(batch);
    const queue = requests.get(leader) ?? [];
    requests.set(leader, queue);
    const last = queue.at(-1);
    if (last === undefined || !fits(last, batch)) queue.push([batch]);
    else last.push(batch);
  }
  const send = async (leader: Broker, queue: readonly EncodedBatch[][]) => {
    for (const some of queue) {
      const produced = await how.attempt(() =>
        cluster.send('produce', leader, produceApi, how.transactionalId, some),
      );
      for (const { topic, partition, bytes } of some) {
        const base = produced.find((one) => one.partition === partition && one.topic === topic)?.baseOffset;
        const known = base !== undefined && base >= 0;
        ends.set(`${topic}/${partition}`, known ? base + bytes.readInt32BE(lastOffsetDeltaAt) + 1 : -1);
      }
    }
  };
  try {
    await allDone([...requests].map(([leader, queue]) => send(leader, queue)));
  } catch (error) {
    cluster.forgetLeaders();
    throw error;
  }
  return ends;
}

function fits(request: readonly EncodedBatch[], batch: EncodedBatch): boolean {
  let bytes = batch.bytes.length;
  for (const other of request) {
    if (other.partition === batch.partition && other.topic === batch.topic) return false;
    bytes += other.bytes.length;
  }
  return bytes <= maxRequestBytes;
}

/**
 * Waits for all, and only then fails with the first error: nothing of a transaction may still be under way when the next one
 * begins under a new epoch.
 */
export async function allDone(requests: readonly (Promise<unknown> | undefined)[]): Promise<void> {
  for (const outcome of await Promise.allSettled(requests))
    if (outcome.status === 'rejected') throw outcome.reason;
}
