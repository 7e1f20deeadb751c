import type { Inputs } from '../aggregates/inputs.ts';
import { requireDuration, shown } from '../errors.ts';
import type { Key } from '../state/key-table.ts';
import { isTime, MAX_TIME_MS } from '../time.ts';
import type { RejectedEvent } from './result.ts';

export interface EventGateOptions {
  /** Events further ahead of the clock than this are rejected. Default: none are. */
  readonly maxFutureMs?: number;
  /** The wall clock for `maxFutureMs`; default `Date.now`. */
  readonly now?: () => number;
}

/** Lets events through that can be counted, their inputs read; the others go to `onRejected` with the reason. */
export class EventGate<Row> {
  rejected = 0;
  readonly #inputs: Inputs;
  readonly #maxFutureMs: number;
  readonly #now: () => number;
  readonly #onRejected: ((rejected: RejectedEvent<Row>) => void) | undefined;
  readonly #event: RejectedEvent<Row>;
  /** Times up to here are known not to be too far ahead. */
  #futureLimit: number;

  constructor(
    options: EventGateOptions,
    inputs: Inputs,
    onRejected: ((rejected: RejectedEvent<Row>) => void) | undefined,
  ) {
    const { maxFutureMs = Infinity, now = Date.now } = options;
    if (maxFutureMs !== Infinity) requireDuration(maxFutureMs, 'maxFutureMs');
    this.#inputs = inputs;
    this.#maxFutureMs = maxFutureMs;
    this.#futureLimit = maxFutureMs === Infinity ? Infinity : -Infinity;
    this.#now = now;
    this.#onRejected = onRejected;
    this.#event = {
      code: 'WINDOWING_KEY_INVALID',
      message: '',
      key: '',
      timeMs: 0,
      row: undefined as Row,
      partition: 0,
    };
  }

  admits(key: Key, timeMs: number, row: Row, partition: number): boolean {
    if (
      (typeof key === 'string' || Number.isFinite(key)) &&
      isTime(timeMs) &&
      (timeMs <= this.#futureLimit || !this.#isFuture(timeMs)) &&
      this.#inputs.read(row as never)
    ) {
      return true;
    }
    this.#reject(key, timeMs, row, partition);
    return false;
  }

  /** Rejects an event for a reason of the operator's own. */
  reject(event: RejectedEvent<Row>): void {
    this.rejected++;
    if (this.#onRejected === undefined) return;
    Object.assign(this.#event, event);
    this.#onRejected(this.#event);
  }

  #isFuture(timeMs: number): boolean {
    this.#futureLimit = this.#now() + this.#maxFutureMs;
    return timeMs > this.#futureLimit;
  }

  #reject(key: unknown, timeMs: number, row: Row, partition: number): void {
    const event = { key, timeMs, row, partition };
    if (typeof key !== 'string' && !Number.isFinite(key)) {
      const message = `The key is ${shown(key)}; give a string or a finite number (join several values to one string).`;
      return this.reject({ ...event, code: 'WINDOWING_KEY_INVALID', message });
    }
    if (!isTime(timeMs)) {
      const message = `The event time is ${shown(timeMs)}; give whole epoch milliseconds between ±${MAX_TIME_MS}.`;
      return this.reject({ ...event, code: 'WINDOWING_TIME_INVALID', message });
    }
    if (timeMs > this.#futureLimit) {
      const ahead = timeMs - (this.#futureLimit - this.#maxFutureMs);
      const message = `The event time ${timeMs} is ${ahead} ms ahead of the clock, more than maxFutureMs ${this.#maxFutureMs}; set the sender's clock right.`;
      return this.reject({ ...event, code: 'WINDOWING_TIME_FUTURE', message });
    }
    this.reject({ ...event, ...this.#inputs.fault });
  }
}
