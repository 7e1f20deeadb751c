import type { ControlType } from '@millrace/record-batch';
import type { Clock } from '../clock.ts';
import type { GroupStore } from '../groups/group-store.ts';
import { appendMarker, type KeyedLog, type Producer } from '../log/keyed-log.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import { OFFSETS_TOPIC, type TopicStore } from '../topics/topic-store.ts';
import {
  decodeTransaction,
  decodeTransactionKey,
  encodeTransaction,
  encodeTransactionKey,
  type Transaction,
} from './transaction.ts';

/** Kafka's `transaction.max.timeout.ms`. */
export const MAX_TRANSACTION_TIMEOUT_MS = 900_000;
/** Producer epochs are 16-bit; the last one is kept for fencing. */
const LAST_EPOCH = 0x7ffe;

export interface Initialised extends Producer {
  readonly errorCode: number;
}

interface Caller extends Producer {
  readonly transactionalId: string;
}

/** Transactional ids, their producers and open transactions; kept in `__transaction_state`. */
export class TransactionCoordinator {
  readonly #transactions = new Map<string, Transaction>();
  readonly #byProducer = new Map<number, Transaction>();
  readonly #log: KeyedLog;
  readonly #topics: TopicStore;
  readonly #groups: GroupStore;
  readonly #clock: Clock;
  readonly #nextProducerId: () => number;

  constructor(options: {
    log: KeyedLog;
    topics: TopicStore;
    groups: GroupStore;
    clock: Clock;
    nextProducerId: () => number;
  }) {
    this.#log = options.log;
    this.#topics = options.topics;
    this.#groups = options.groups;
    this.#clock = options.clock;
    this.#nextProducerId = options.nextProducerId;
    this.#log.replay({
      entry: ({ key, value }) => {
        const id = decodeTransactionKey(key);
        if (value === null) this.#transactions.delete(id);
        else this.#transactions.set(id, decodeTransaction(id, value));
      },
    });
    for (const transaction of this.#transactions.values()) this.#resume(transaction);
  }

  all(): Transaction[] {
    return [...this.#transactions.values()];
  }

  /** Gives out a producer id and epoch; whoever had the transactional id before is fenced, its transaction aborted. */
  init(request: { transactionalId: string | null; timeoutMs: number } & Producer): Initialised {
    const refuse = (errorCode: number) => ({ errorCode, producerId: -1, producerEpoch: -1 });
    const { transactionalId, timeoutMs } = request;
    if (transactionalId === null) {
      return { errorCode: ErrorCode.none, producerId: this.#nextProducerId(), producerEpoch: 0 };
    }
    if (transactionalId === '') return refuse(ErrorCode.invalidRequest);
    if (timeoutMs <= 0 || timeoutMs > MAX_TRANSACTION_TIMEOUT_MS)
      return refuse(ErrorCode.invalidTransactionTimeout);
    const known = this.#transactions.get(transactionalId);
    if (known === undefined) {
      const transaction = this.#begin(transactionalId, timeoutMs);
      return {
        errorCode: ErrorCode.none,
        producerId: transaction.producerId,
        producerEpoch: transaction.epoch,
      };
    }
    const isNamed = request.producerId >= 0;
    if (isNamed && request.producerId !== known.producerId) return refuse(ErrorCode.producerFenced);
    // A producer that did not get the answer to its last request repeats it (KIP-360).
    const isIdle = known.state !== 'Ongoing';
    const isRepeated = isNamed && isIdle && request.producerEpoch === known.lastEpoch;
    if (isNamed && !isRepeated && request.producerEpoch !== known.epoch)
      return refuse(ErrorCode.producerFenced);
    this.#finishPrepared(known);
    if (!isRepeated) this.#raiseEpoch(known, isNamed);
    if (known.state === 'Ongoing') this.#complete(known, 'abort');
    known.timeoutMs = timeoutMs;
    known.state = 'Empty';
    this.#save(known);
    return { errorCode: ErrorCode.none, producerId: known.producerId, producerEpoch: known.epoch };
  }

  /** Announces partitions that the transaction will write to; the first one begins it. @returns an error code */
  addPartitions(caller: Caller, places: readonly { topic: string; partitions: readonly number[] }[]): number {
    const { transaction, errorCode } = this.#find(caller);
    if (transaction === undefined) return errorCode;
    this.#finishPrepared(transaction);
    const begins = transaction.state !== 'Ongoing';
    const partitions = begins ? new Map<string, Set<number>>() : transaction.partitions;
    let added = begins;
    for (const place of places) {
      const known = partitions.get(place.topic) ?? new Set();
      partitions.set(place.topic, known);
      for (const partition of place.partitions) {
        added ||= !known.has(partition);
        known.add(partition);
      }
    }
    if (!added) return ErrorCode.none;
    transaction.partitions = partitions;
    transaction.state = 'Ongoing';
    if (begins) {
      transaction.startMs = this.#clock.now();
      this.#startTimeout(transaction);
    }
    this.#save(transaction);
    return ErrorCode.none;
  }

  /** Announces that the transaction will commit offsets. @returns an error code */
  addOffsets(caller: Caller): number {
    return this.addPartitions(caller, [{ topic: OFFSETS_TOPIC, partitions: [0] }]);
  }

  /** Ends the transaction. Once this has returned without error all its records are visible, or none ever. @returns an error code */
  end(caller: Caller, type: ControlType): number {
    const { transaction, errorCode } = this.#find(caller);
    if (transaction === undefined) return errorCode;
    this.#finishPrepared(transaction);
    const done = type === 'commit' ? 'CompleteCommit' : 'CompleteAbort';
    if (transaction.state === done) return ErrorCode.none;
    if (transaction.state !== 'Ongoing') return ErrorCode.invalidTxnState;
    this.#complete(transaction, type);
    return ErrorCode.none;
  }

  /** Whether a producer may write transactionally to a partition now. @returns an error code */
  verify(producer: Producer, topic: string, partition: number): number {
    const transaction = this.#byProducer.get(producer.producerId);
    if (transaction === undefined) return ErrorCode.invalidProducerIdMapping;
    if (producer.producerEpoch !== transaction.epoch) return ErrorCode.invalidProducerEpoch;
    const announced = transaction.state === 'Ongoing' && transaction.partitions.get(topic)?.has(partition);
    return announced ? ErrorCode.none : ErrorCode.invalidTxnState;
  }

  /** Whether the caller may commit offsets in its transaction now. @returns an error code */
  verifyOffsets(caller: Caller): number {
    const { transaction, errorCode } = this.#find(caller);
    if (transaction === undefined) return errorCode;
    return this.verify(caller, OFFSETS_TOPIC, 0);
  }

  /** Forgets transactional ids without an open transaction that were last used before `beforeMs`. */
  expire(beforeMs: number): void {
    for (const transaction of [...this.#transactions.values()]) {
      if (transaction.state === 'Ongoing' || transaction.updateMs >= beforeMs) continue;
      this.#log.put([{ key: encodeTransactionKey(transaction.transactionalId), value: null }]);
      this.#transactions.delete(transaction.transactionalId);
      this.#byProducer.delete(transaction.producerId);
    }
  }

  #find({ transactionalId, producerId, producerEpoch }: Caller): {
    transaction?: Transaction;
    errorCode: number;
  } {
    const transaction = this.#transactions.get(transactionalId);
    if (transaction === undefined || transaction.producerId !== producerId) {
      return { errorCode: ErrorCode.invalidProducerIdMapping };
    }
    if (transaction.epoch !== producerEpoch) return { errorCode: ErrorCode.producerFenced };
    return { transaction, errorCode: ErrorCode.none };
  }

  #begin(transactionalId: string, timeoutMs: number): Transaction {
    const nowMs = this.#clock.now();
    const transaction: Transaction = {
      transactionalId,
      producerId: this.#nextProducerId(),
      epoch: 0,
      timeoutMs,
      state: 'Empty',
      partitions: new Map(),
      startMs: -1,
      updateMs: nowMs,
    };
    this.#save(transaction);
    this.#transactions.set(transactionalId, transaction);
    this.#byProducer.set(transaction.producerId, transaction);
    return transaction;
  }

  /** Whoever still writes under the old epoch is refused from now on. */
  #raiseEpoch(transaction: Transaction, byItself = false): void {
    transaction.lastEpoch = byItself ? transaction.epoch : undefined;
    if (transaction.epoch < LAST_EPOCH) {
      transaction.epoch++;
      return;
    }
    if (transaction.state === 'Ongoing') this.#complete(transaction, 'abort');
    this.#byProducer.delete(transaction.producerId);
    transaction.producerId = this.#nextProducerId();
    transaction.epoch = 0;
    transaction.lastEpoch = undefined;
    this.#byProducer.set(transaction.producerId, transaction);
  }

  #complete(transaction: Transaction, type: ControlType): void {
    transaction.state = type === 'commit' ? 'PrepareCommit' : 'PrepareAbort';
    this.#save(transaction);
    this.#finishPrepared(transaction);
  }

  /** Writes the markers of a transaction whose end is decided. Also where a crash or a full disk cut this short. */
  #finishPrepared(transaction: Transaction): void {
    if (transaction.state !== 'PrepareCommit' && transaction.state !== 'PrepareAbort') return;
    const type: ControlType = transaction.state === 'PrepareCommit' ? 'commit' : 'abort';
    transaction.alarm?.cancel();
    const { producerId, epoch: producerEpoch } = transaction;
    for (const [topic, partitions] of transaction.partitions) {
      for (const partition of partitions) {
        const log = this.#topics.log(topic, partition);
        if (log === undefined) continue;
        appendMarker(log, { type, producerId, producerEpoch, timestampMs: this.#clock.now() });
        if (topic === OFFSETS_TOPIC) this.#groups.settle(producerId, type);
        partitions.delete(partition);
      }
    }
    transaction.partitions = new Map();
    transaction.state = type === 'commit' ? 'CompleteCommit' : 'CompleteAbort';
    this.#save(transaction);
  }

  #save(transaction: Transaction): void {
    transaction.updateMs = this.#clock.now();
    const key = encodeTransactionKey(transaction.transactionalId);
    this.#log.put([{ key, value: encodeTransaction(transaction) }]);
  }

  #startTimeout(transaction: Transaction): void {
    transaction.alarm?.cancel();
    const dueMs = transaction.startMs + transaction.timeoutMs - this.#clock.now();
    transaction.alarm = this.#clock.after(Math.max(0, dueMs), () => {
      if (transaction.state !== 'Ongoing') return;
      this.#raiseEpoch(transaction);
      if (transaction.state === 'Ongoing') this.#complete(transaction, 'abort');
    });
  }

  /** Goes on where the broker stopped: decided transactions are finished, open ones run into their timeout. */
  #resume(transaction: Transaction): void {
    this.#byProducer.set(transaction.producerId, transaction);
    this.#finishPrepared(transaction);
    if (transaction.state === 'Ongoing') this.#startTimeout(transaction);
  }
}
