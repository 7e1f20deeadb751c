import { requireDuration } from '../errors.ts';
import type { Key } from '../state/key-table.ts';
import { KeyedState } from './keyed-state.ts';
import type { RejectedEvent } from './result.ts';
import type { LateRecord, TimedOptions } from './timed-operator.ts';
import { TimedOperator } from './timed-operator.ts';

export interface DeduplicationOptions extends TimedOptions {
  /** Events of one key at most this far apart from an event that was let through are repetitions. */
  readonly withinMs: number;
}

export interface DeduplicationSinks<Row> {
  onLate?(late: LateRecord<Row>): void;
  onRejected?(rejected: RejectedEvent<Row>): void;
}

/** Lets the first event of a key through and holds back its repetitions within a time; the first to arrive counts. */
export class Deduplication<Row> extends TimedOperator<Row, number[]> {
  protected readonly keyed: KeyedState<number[]>;
  repetitions = 0;
  readonly #withinMs: number;
  readonly #sinks: DeduplicationSinks<Row>;

  /** @throws WindowingError WINDOWING_OPTION_INVALID */
  constructor(options: DeduplicationOptions, sinks: DeduplicationSinks<Row> = {}) {
    super(options, sinks.onRejected?.bind(sinks));
    requireDuration(options.withinMs, 'withinMs');
    this.#withinMs = options.withinMs;
    this.#sinks = sinks;
    this.keyed = new KeyedState<number[]>({
      definition: ['deduplication', options.withinMs],
      ...this.surroundings,
      write(times, out) {
        out.varint(times.length);
        for (const timeMs of times) out.number(timeMs);
      },
      read: (key, input) => {
        const times = Array.from({ length: input.count() }, () => input.number());
        for (const timeMs of times) this.setTimer(this.#leaveAt(timeMs), key);
        return times;
      },
    });
  }

  /** True when the event is to go on; false for repetitions, late and rejected ones. */
  admit(key: Key, timeMs: number, row: Row, partition = 0): boolean {
    if (!this.admits(key, timeMs, row, partition)) return false;
    const { watermark } = this;
    if (timeMs + this.graceMs < watermark) {
      this.#sinks.onLate?.({ key, timeMs, row, partition, watermark, latenessMs: watermark - timeMs });
      return false;
    }
    const times = this.keyed.states.get(key);
    const repeated = times?.some((seen) => Math.abs(seen - timeMs) <= this.#withinMs) ?? false;
    if (repeated) {
      this.repetitions++;
    } else {
      if (times === undefined) this.keyed.states.set(key, [timeMs]);
      else times.push(timeMs);
      this.keyed.mark(key);
      this.setTimer(this.#leaveAt(timeMs), key);
    }
    this.observe(timeMs, partition);
    return !repeated;
  }

  protected due(key: Key): void {
    const times = this.keyed.states.get(key)?.filter((timeMs) => this.#leaveAt(timeMs) >= this.watermark);
    if (times === undefined) return;
    if (times.length === 0) this.keyed.states.delete(key);
    else this.keyed.states.set(key, times);
    this.keyed.mark(key);
  }

  /** When no event that could be a repetition will be taken any more. */
  #leaveAt(timeMs: number): number {
    return timeMs + this.#withinMs + this.graceMs;
  }
}
