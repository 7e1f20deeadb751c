import type { BatchHeader } from '@millrace/record-batch';
import { ErrorCode } from '../protocol/error-code.ts';

/** Kafka's brokers remember this many batches of a producer, so that a repeated one is told from a gap. */
const REMEMBERED_BATCHES = 5;
const MAX_SEQUENCE = 0x7fffffff;

interface RememberedBatch {
  firstSequence: number;
  lastSequence: number;
  baseOffset: number;
}

interface ProducerState {
  epoch: number;
  batches: RememberedBatch[];
  /** Where its open transaction began in this partition; −1 if none is open. */
  transactionStart: number;
  lastSeenMs: number;
}

/** A transaction that was aborted, as consumers are told of it. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Where its abort marker lies. */
  readonly lastOffset: number;
}

export type ControlType = 'commit' | 'abort';

export type Verdict =
  | { readonly ok: true; readonly duplicateOf?: number }
  | { readonly ok: false; readonly errorCode: number; readonly message: string };

const FINE: Verdict = { ok: true };

/** What a partition knows of its producers: sequences of idempotent ones, open and aborted transactions. */
export class ProducerStates {
  #states = new Map<number, ProducerState>();
  #open = new Map<number, number>();
  #aborted: AbortedTransaction[] = [];

  /** The first offset of any open transaction; undefined if none is open. */
  get firstOpenOffset(): number | undefined {
    let first: number | undefined;
    for (const offset of this.#open.values()) if (first === undefined || offset < first) first = offset;
    return first;
  }

  hasOpenTransaction(producerId: number): boolean {
    return this.#open.has(producerId);
  }

  get openTransactions(): ReadonlyMap<number, number> {
    return this.#open;
  }

  /** Whether a batch may be appended: sequence in order, epoch not outdated. A repeated batch is told with its first offset. */
  check(header: BatchHeader): Verdict {
    if (header.producerId < 0) return FINE;
    const state = this.#states.get(header.producerId);
    if (state === undefined) return FINE;
    const { producerEpoch, baseSequence } = header;
    if (producerEpoch < state.epoch) {
      return {
        ok: false,
        errorCode: ErrorCode.invalidProducerEpoch,
        message: `producer ${header.producerId} has epoch ${state.epoch}; the batch has the older epoch ${producerEpoch}`,
      };
    }
    if (header.isControl) return FINE;
    const last = state.batches.at(-1);
    if (producerEpoch === state.epoch && last !== undefined) {
      const lastSequence = sequenceAfter(baseSequence, header.lastOffsetDelta);
      for (const batch of state.batches) {
        if (batch.firstSequence === baseSequence && batch.lastSequence === lastSequence) {
          return { ok: true, duplicateOf: batch.baseOffset };
        }
      }
      if (baseSequence === sequenceAfter(last.lastSequence, 1)) return FINE;
    } else if (last === undefined || baseSequence === 0) return FINE;
    return {
      ok: false,
      errorCode: ErrorCode.outOfOrderSequenceNumber,
      message: `producer ${header.producerId} is at sequence ${last?.lastSequence ?? -1}; the batch begins at ${baseSequence}`,
    };
  }

  /** Takes note of an appended batch. `control` says what its marker is, when it is one. */
  update(header: BatchHeader, at: { baseOffset: number; nowMs: number; control?: ControlType }): void {
    const { baseOffset, control } = at;
    if (header.producerId < 0) return;
    let state = this.#states.get(header.producerId);
    if (state === undefined || header.producerEpoch > state.epoch) {
      const transactionStart = state?.transactionStart ?? -1;
      state = { epoch: header.producerEpoch, batches: [], transactionStart, lastSeenMs: 0 };
      this.#states.set(header.producerId, state);
    }
    state.lastSeenMs = at.nowMs;
    if (control !== undefined) {
      if (control === 'abort' && state.transactionStart >= 0) {
        const { producerId } = header;
        this.#aborted.push({ producerId, firstOffset: state.transactionStart, lastOffset: baseOffset });
      }
      state.transactionStart = -1;
      this.#open.delete(header.producerId);
      return;
    }
    if (header.isTransactional && state.transactionStart < 0) {
      state.transactionStart = baseOffset;
      this.#open.set(header.producerId, baseOffset);
    }
    if (header.baseSequence < 0) return;
    const lastSequence = sequenceAfter(header.baseSequence, header.lastOffsetDelta);
    state.batches.push({ firstSequence: header.baseSequence, lastSequence, baseOffset });
    if (state.batches.length > REMEMBERED_BATCHES) state.batches.shift();
  }

  /**
   * The aborted transactions that touch offsets in `[from, until)`, by their first offsets: some clients look for them in this
   * order only, and would show the records of one that began first and was aborted last.
   */
  abortedBetween(from: number, until: number): AbortedTransaction[] {
    let low = 0;
    let high = this.#aborted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#aborted[middle]!.lastOffset < from) low = middle + 1;
      else high = middle;
    }
    return this.#aborted
      .slice(low)
      .filter((transaction) => transaction.firstOffset < until)
      .sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** Forgets aborted transactions that ended before `offset`: their records and markers are gone from the log. */
  forgetAbortedBefore(offset: number): void {
    if (this.#aborted.length > 0 && this.#aborted[0]!.lastOffset < offset) {
      this.#aborted = this.#aborted.filter((transaction) => transaction.lastOffset >= offset);
    }
  }

  /** Forgets producers without an open transaction that have been silent since `beforeMs`. */
  forgetSilent(beforeMs: number): void {
    for (const [producerId, state] of this.#states) {
      if (state.transactionStart < 0 && state.lastSeenMs < beforeMs) this.#states.delete(producerId);
    }
  }

  encode(): string {
    return JSON.stringify({ states: [...this.#states], aborted: this.#aborted });
  }

  static decode(text: string): ProducerStates {
    const saved = JSON.parse(text) as { states: [number, ProducerState][]; aborted: AbortedTransaction[] };
    const result = new ProducerStates();
    result.#states = new Map(saved.states);
    result.#aborted = saved.aborted;
    for (const [producerId, state] of saved.states) {
      if (state.transactionStart >= 0) result.#open.set(producerId, state.transactionStart);
    }
    return result;
  }
}

/** Sequences count to 2^31 − 1 and begin again at 0. */
function sequenceAfter(sequence: number, count: number): number {
  const next = sequence + count;
  return next > MAX_SEQUENCE ? next - MAX_SEQUENCE - 1 : next;
}
