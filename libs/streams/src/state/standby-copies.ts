import { RecordCursor } from '@millrace/record-batch';
import { messageOf } from '../kafka/broker-error.ts';
import type { Cluster, TopicPartition } from '../kafka/cluster.ts';
import { retrying } from '../kafka/retry.ts';
import { Fetcher } from '../runtime/fetcher.ts';
import { PartitionInput } from '../tasks/partition-input.ts';
import type { OnEvent } from '../runtime/ports.ts';
import { StateCopy } from './state-copy.ts';

export interface StandbyOptions {
  readonly cluster: Cluster;
  /** How often a quiet changelog is asked for more. */
  readonly maxWaitMs: number;
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
  readonly now: () => number;
}

export interface StandbyStatus {
  readonly task: string;
  /** The offset of the changelog up to which the copy is. */
  readonly offset: number;
  /** Records that are there and not copied yet; -1 before the first answer. */
  readonly lag: number;
}

interface Standby {
  readonly task: string;
  readonly changelog: TopicPartition;
  /** Undefined while it is found out where to begin. */
  copy: StateCopy | undefined;
  input: PartitionInput | undefined;
}

/** What is fetched of one partition at a time: a part of a second's work, so that counting goes on beside it. */
const maxPartitionBytes = 1024 * 1024;

/** Keeps copies of the state of tasks that run elsewhere, by reading their changelogs as they grow. */
export class StandbyCopies {
  readonly #options: StandbyOptions;
  readonly #fetcher: Fetcher;
  readonly #standbys = new Map<string, Standby>();
  readonly #cursor = new RecordCursor();
  #isDraining = false;

  constructor(options: StandbyOptions) {
    this.#options = options;
    const { cluster, maxWaitMs, now, onEvent } = options;
    this.#fetcher = new Fetcher({
      cluster,
      maxWaitMs,
      maxPartitionBytes,
      maxQueuedBytes: maxPartitionBytes,
      now,
      onData: () => void this.#drain(),
      onError: (error) => onEvent({ level: 'debug', event: 'standby-failed', message: messageOf(error) }),
      onOutOfRange: (input) => {
        const standby = [...this.#standbys.values()].find((one) => one.input === input);
        if (standby !== undefined) this.#beginAnew(standby, 'its offset is not in the changelog any more');
      },
    });
  }

  /** Keeps copies of these tasks from now on, and gives up all others. */
  keep(changelogs: ReadonlyMap<string, TopicPartition>): void {
    for (const task of this.#standbys.keys()) if (!changelogs.has(task)) this.take(task);
    for (const [task, changelog] of changelogs) if (!this.#standbys.has(task)) this.#begin(task, changelog);
  }

  /** Ends a copy, so that it can become the state of a task here; undefined when there is none. */
  take(task: string): StateCopy | undefined {
    const standby = this.#standbys.get(task);
    if (standby === undefined) return undefined;
    this.#standbys.delete(task);
    if (standby.input !== undefined) this.#fetcher.remove(standby.input);
    return standby.copy;
  }

  get status(): StandbyStatus[] {
    return [...this.#standbys.values()].map(({ task, copy, input }) => {
      const offset = copy?.nextOffset ?? 0;
      const end = input?.endOffset ?? -1;
      return { task, offset, lag: copy === undefined || end < 0 ? -1 : Math.max(0, end - offset) };
    });
  }

  /** How far each copy is. */
  get offsets(): Record<string, number> {
    return Object.fromEntries(
      this.status.filter(({ lag }) => lag >= 0).map(({ task, offset }) => [task, offset]),
    );
  }

  stop(): void {
    this.#fetcher.stop();
    this.#standbys.clear();
  }

  #begin(task: string, changelog: TopicPartition): void {
    const standby: Standby = { task, changelog, copy: undefined, input: undefined };
    this.#standbys.set(task, standby);
    this.#open(standby).catch((error: unknown) => {
      if (this.#options.signal.aborted) return;
      this.#options.onEvent({ level: 'warn', event: 'standby-failed', message: messageOf(error), task });
    });
  }

  async #open(standby: Standby): Promise<void> {
    const { cluster, signal, now } = this.#options;
    const { changelog, task } = standby;
    const listing = () => cluster.listOffsets([changelog], -2, 'uncommitted');
    const [start = 0] = await retrying(listing, { signal });
    if (this.#standbys.get(task) !== standby) return;
    const copy = new StateCopy();
    copy.nextOffset = start;
    standby.copy = copy;
    standby.input = new PartitionInput({ ...changelog, offset: start, nowMs: now() });
    this.#fetcher.add(standby.input);
  }

  #beginAnew({ task, changelog }: Standby, reason: string): void {
    const message = `the copy of task ${task} is made anew: ${reason}`;
    this.#options.onEvent({ level: 'warn', event: 'standby-failed', message, task });
    this.take(task);
    this.#begin(task, changelog);
  }

  async #drain(): Promise<void> {
    if (this.#isDraining) return;
    this.#isDraining = true;
    for (let any = true; any;) {
      any = false;
      for (const standby of [...this.#standbys.values()]) {
        if (standby.input?.head === undefined) continue;
        any = true;
        try {
          this.#applyHead(standby);
        } catch (error) {
          this.#beginAnew(standby, messageOf(error));
        }
        await new Promise(setImmediate);
      }
      this.#fetcher.wake();
    }
    this.#isDraining = false;
  }

  #applyHead({ copy, input }: Standby): void {
    const { bytes, fromOffset, endOffset, abortedTransactions } = input!.head!;
    const cursor = this.#cursor;
    cursor.open(bytes, { fromOffset, abortedTransactions });
    while (cursor.next()) {
      const { keyStart, keyEnd, valueStart, valueEnd } = cursor;
      const key = cursor.bytes.toString('latin1', keyStart, keyEnd);
      // A copy, because a slice would hold on to all that was fetched with it.
      copy!.apply(key, valueStart < 0 ? null : Buffer.from(cursor.bytes.subarray(valueStart, valueEnd)));
    }
    copy!.nextOffset = endOffset;
    input!.shift();
  }
}
