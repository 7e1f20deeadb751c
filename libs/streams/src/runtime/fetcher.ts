import type { Broker } from '@platformatic/kafka';
import { protocolErrorsCodesById } from '@platformatic/kafka';
import type { Cluster } from '../kafka/cluster.ts';
import type { Fetched } from '../kafka/wire-connection.ts';
import type { WireConnections } from '../kafka/wire-connections.ts';
import { pause } from '../kafka/retry.ts';
import type { PartitionInput } from '../tasks/partition-input.ts';

export interface FetcherOptions {
  readonly cluster: Cluster;
  readonly maxWaitMs: number;
  readonly maxPartitionBytes: number;
  /** A partition with this much in memory is left out of the next request: back-pressure. */
  readonly maxQueuedBytes: number;
  readonly now: () => number;
  readonly onData: () => void;
  readonly onError: (error: unknown) => void;
  /** The offset to read from does not exist (any more). */
  readonly onOutOfRange: (input: PartitionInput) => void;
}

const offsetOutOfRange = 1;
const maxResponseBytes = 32 * 1024 * 1024;

/** Keeps one request open to each broker that leads a partition with room for more. */
export class Fetcher {
  readonly #options: FetcherOptions;
  readonly #connections: WireConnections;
  readonly #inputs = new Set<PartitionInput>();
  readonly #inFlight = new Set<string>();
  readonly #stop = new AbortController();
  #wake: (() => void) | undefined;
  #woken = false;

  constructor(options: FetcherOptions) {
    this.#options = options;
    this.#connections = options.cluster.wireConnections();
    void this.#run();
  }

  add(input: PartitionInput): void {
    this.#inputs.add(input);
    this.wake();
  }

  remove(input: PartitionInput): void {
    this.#inputs.delete(input);
  }

  /** Looks again: a partition has room, or was resumed. */
  wake(): void {
    this.#woken = true;
    this.#wake?.();
  }

  stop(): void {
    this.#stop.abort();
    this.#inputs.clear();
    this.#connections.close();
    this.wake();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#woken = false;
      try {
        await this.#requestAll();
      } catch (error) {
        if (signal.aborted) return;
        this.#options.onError(error);
        await pause(100, signal);
        continue;
      }
      if (!this.#woken && !signal.aborted)
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      this.#wake = undefined;
    }
  }

  async #requestAll(): Promise<void> {
    const { cluster, maxQueuedBytes } = this.#options;
    const byLeader = new Map<string, { broker: Broker; inputs: PartitionInput[] }>();
    for (const input of this.#inputs) {
      if (input.isPaused || input.queuedBytes >= maxQueuedBytes) continue;
      const broker = await cluster.leaderOf(input);
      const id = `${broker.host}:${broker.port}`;
      const group = byLeader.get(id) ?? { broker, inputs: [] };
      byLeader.set(id, group);
      group.inputs.push(input);
    }
    for (const [id, { broker, inputs }] of byLeader) {
      if (this.#inFlight.has(id)) continue;
      this.#inFlight.add(id);
      void this.#request(id, broker, inputs);
    }
  }

  async #request(id: string, broker: Broker, inputs: PartitionInput[]): Promise<void> {
    const { cluster, maxWaitMs, maxPartitionBytes, onError } = this.#options;
    const { signal } = this.#stop;
    try {
      const connection = await this.#connections.to(broker);
      const fetched = await connection.fetch(
        { maxWaitMs, minBytes: 1, maxBytes: maxResponseBytes },
        inputs.map(({ topic, partition, fetchOffset }) => ({
          topic,
          partition,
          offset: fetchOffset,
          maxBytes: maxPartitionBytes,
        })),
      );
      if (!signal.aborted && this.#take(fetched, inputs)) await pause(100, signal);
    } catch (error) {
      if (signal.aborted) return;
      cluster.forgetLeaders();
      onError(error);
      await pause(250, signal);
    } finally {
      this.#inFlight.delete(id);
      this.wake();
    }
  }

  /** Hands out what came; true when some partition had an error, so that the next request should wait a little. */
  #take({ partitions, release }: Fetched, asked: readonly PartitionInput[]): boolean {
    const { now, onData, onError, onOutOfRange, cluster } = this.#options;
    const nowMs = now();
    let any = false;
    let failed = false;
    // What is handed out, and this.
    let readers = 1;
    const done = () => {
      if (--readers === 0) release();
    };
    for (const answer of partitions) {
      const input = asked.find(
        ({ topic, partition }) => topic === answer.topic && partition === answer.partition,
      );
      // It may have been given up while the request was under way.
      if (input === undefined || !this.#inputs.has(input)) continue;
      if (answer.errorCode === 0) {
        if (input.accept(answer, nowMs, done)) {
          any = true;
          readers++;
        }
        continue;
      }
      failed = true;
      if (answer.errorCode === offsetOutOfRange) onOutOfRange(input);
      else {
        cluster.forgetLeaders();
        const name = protocolErrorsCodesById[answer.errorCode] ?? String(answer.errorCode);
        onError(new Error(`reading ${input.topic}/${input.partition}: ${name}`));
      }
    }
    done();
    if (any) onData();
    return failed;
  }
}
