/** Sends the batches of all partitions, one under way per partition, so that order holds through every retry. */
import { SchemasError } from '../../errors.ts';
import { errorText, verdictOf } from './broker-errors.ts';
import type { BrokerConnections, ProducerIdentity } from './broker-connections.ts';
import type { PartitionQueue } from './partition-queue.ts';
import { produceApi, type PartitionResult } from './produce-api.ts';

export interface SenderOptions {
  readonly connections: BrokerConnections;
  readonly identity: ProducerIdentity;
  readonly lingerMs: number;
  /** How long a batch is tried again before its outcome counts as unknown. */
  readonly deliveryTimeoutMs: number;
  /** Told of bytes that are no longer buffered, delivered or not. */
  readonly onSettled: (bytes: number, error: SchemasError | undefined) => void;
  /** Told when no further batch can be sent. */
  readonly onBroken: (error: SchemasError) => void;
}

const MAX_SEQUENCE = 0x7fffffff;
const RETRY_MS = 100;
const MAX_RETRY_MS = 2_000;

export class BatchSender {
  readonly #options: SenderOptions;
  readonly #queues = new Set<PartitionQueue>();
  #timer: NodeJS.Timeout | undefined;
  /** Whether the timer is set to go off at once. */
  #hurried = false;
  #broken: SchemasError | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** The queue has records: send them when their batch is full or has waited `lingerMs`. */
  wake(queue: PartitionQueue): void {
    this.#queues.add(queue);
    this.#schedule(queue.sealed.length > 0 && queue.underWay === undefined ? 0 : this.#options.lingerMs);
  }

  /** Sends everything that can be sent, without lingering. */
  sendAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sendDue(Infinity);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== undefined && (this.#hurried || delayMs > 0)) return;
    clearTimeout(this.#timer);
    this.#hurried = delayMs === 0;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#sendDue(Date.now() - this.#options.lingerMs);
    }, delayMs);
  }

  /** One request per leader with the due batches of its partitions. */
  #sendDue(dueBeforeMs: number): void {
    if (this.#broken !== undefined) return;
    const byLeader = new Map<number, PartitionQueue[]>();
    let lingering = false;
    for (const queue of this.#queues) {
      if (queue.idle) this.#queues.delete(queue);
      else if (queue.next(dueBeforeMs) === undefined) lingering ||= queue.underWay === undefined;
      else {
        const leader = this.#options.connections.leader(queue.topic, queue.partition);
        byLeader.set(leader, [...(byLeader.get(leader) ?? []), queue]);
      }
    }
    for (const [leader, queues] of byLeader) void this.#deliver(leader, queues, Date.now(), 0);
    if (lingering) this.#schedule(Math.max(1, this.#options.lingerMs));
  }

  async #deliver(
    leader: number,
    queues: readonly PartitionQueue[],
    sinceMs: number,
    attempt: number,
  ): Promise<void> {
    const retry: PartitionQueue[] = [];
    let cause: unknown;
    try {
      if (leader < 0) throw new Error('the partition has no leader just now');
      const batches = queues.map((queue) => this.#finish(queue));
      const results = await this.#options.connections.send(leader, produceApi, batches);
      for (const queue of queues) {
        const result = results.find(
          ({ topic, partition }) => topic === queue.topic && partition === queue.partition,
        );
        if (result === undefined || !this.#settle(queue, result, attempt)) retry.push(queue);
        if (result !== undefined && result.errorCode !== 0) cause = new Error(errorText(result.errorCode));
      }
    } catch (error) {
      cause = error;
      retry.push(...queues);
    }
    if (retry.length > 0) await this.#again(retry, { sinceMs, attempt, cause });
    else this.#sendDue(Date.now() - this.#options.lingerMs);
  }

  #finish(queue: PartitionQueue): { topic: string; partition: number; bytes: Buffer } {
    const { producerId, producerEpoch } = this.#options.identity;
    const { writer } = queue.underWay as NonNullable<PartitionQueue['underWay']>;
    const bytes = writer.finish({ producerId, producerEpoch, baseSequence: queue.sequence });
    return { topic: queue.topic, partition: queue.partition, bytes };
  }

  /** Whether the batch is done with, delivered or refused for good. */
  #settle(queue: PartitionQueue, result: PartitionResult, attempt: number): boolean {
    const verdict = verdictOf(result.errorCode);
    if (verdict === 'retry') return false;
    const batch = queue.underWay as NonNullable<PartitionQueue['underWay']>;
    const { topic, partition } = queue;
    if (verdict === 'written') {
      queue.sequence = (queue.sequence + batch.writer.recordCount) % (MAX_SEQUENCE + 1);
      // A duplicate's answer has no offset where the broker no longer remembers the batch.
      for (const { index, resolve } of batch.waiting) {
        const offset = result.baseOffset < 0 ? -1 : result.baseOffset + index;
        resolve({ topic, partition, offset });
      }
      queue.release(attempt === 0);
      this.#options.onSettled(batch.bytes, undefined);
      return true;
    }
    const error = new SchemasError(
      'SCHEMAS_PRODUCER_FAILED',
      `topic "${topic}" partition ${partition} did not take ${batch.writer.recordCount} records: ${result.errorMessage ?? errorText(result.errorCode)}`,
    );
    for (const { reject } of batch.waiting) reject(error);
    queue.release(false);
    this.#options.onSettled(batch.bytes, error);
    if (verdict === 'lost') this.#break(error);
    return true;
  }

  async #again(
    queues: readonly PartitionQueue[],
    { sinceMs, attempt, cause }: { sinceMs: number; attempt: number; cause: unknown },
  ): Promise<void> {
    const waited = Date.now() - sinceMs;
    if (this.#broken !== undefined) return;
    if (waited >= this.#options.deliveryTimeoutMs) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const error = new SchemasError(
        'SCHEMAS_PRODUCER_FAILED',
        `no broker confirmed a batch within ${this.#options.deliveryTimeoutMs} ms (${why}); it may or may not have been written. Make a new producer and send again what was not confirmed`,
        { cause, retriable: true },
      );
      this.#break(error);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(RETRY_MS * 2 ** attempt, MAX_RETRY_MS)));
    const topics = [...new Set(queues.map(({ topic }) => topic))];
    // Where this fails too, the next attempt says so.
    await this.#options.connections.refresh(topics).catch(() => undefined);
    const byLeader = Map.groupBy(queues, ({ topic, partition }) =>
      this.#options.connections.leader(topic, partition),
    );
    for (const [leader, some] of byLeader) void this.#deliver(leader, some, sinceMs, attempt + 1);
  }

  #break(error: SchemasError): void {
    this.#broken = error;
    this.stop();
    for (const queue of this.#queues) {
      queue.seal();
      for (const batch of [queue.underWay, ...queue.sealed]) {
        for (const { reject } of batch?.waiting ?? []) reject(error);
      }
    }
    this.#options.onBroken(error);
  }
}
