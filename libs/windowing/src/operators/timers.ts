import { isTime } from '../time.ts';
import { shown, WindowingError } from '../errors.ts';
import type { Key } from '../state/key-table.ts';
import { KeyedState } from './keyed-state.ts';
import type { TimedOptions } from './timed-operator.ts';
import { TimedOperator } from './timed-operator.ts';

/** Event-time timers, any number a key, one for each name: each fires once, when the watermark has reached its time. */
export class Timers extends TimedOperator<never, Map<string, number>> {
  protected readonly keyed: KeyedState<Map<string, number>>;
  readonly #onTimer: (key: Key, name: string, dueMs: number) => void;

  constructor(options: TimedOptions, onTimer: (key: Key, name: string, dueMs: number) => void) {
    super(options);
    this.#onTimer = onTimer;
    this.keyed = new KeyedState({
      definition: ['timers'],
      ...this.surroundings,
      write(timers, out) {
        out.varint(timers.size);
        for (const [name, dueMs] of timers) {
          out.string(name);
          out.number(dueMs);
        }
      },
      read: (key, input) => {
        const timers = new Map<string, number>();
        for (let left = input.count(2); left > 0; left--) {
          const name = input.string();
          const dueMs = input.number();
          timers.set(name, dueMs);
          this.setTimer(dueMs - 1, key);
        }
        return timers;
      },
    });
  }

  /** Moves the watermark by an event's time. */
  seen(timeMs: number, partition = 0): void {
    this.observe(timeMs, partition);
  }

  /** Sets a timer, or sets it anew. One that is due already fires with the next step of the watermark. */
  set(key: Key, dueMs: number, name = ''): void {
    if (!isTime(dueMs)) {
      throw new WindowingError(
        'WINDOWING_TIME_INVALID',
        `The timer "${name}" is set to ${shown(dueMs)}; give whole epoch milliseconds.`,
      );
    }
    const timers = this.keyed.states.get(key) ?? new Map<string, number>();
    timers.set(name, dueMs);
    this.keyed.states.set(key, timers);
    this.keyed.mark(key);
    // The operator below fires when the watermark is past a time, a timer when it has reached it.
    this.setTimer(dueMs - 1, key);
  }

  /** Takes a timer back; nothing happens when there is none. */
  clear(key: Key, name = ''): void {
    const timers = this.keyed.states.get(key);
    if (timers === undefined || !timers.delete(name)) return;
    if (timers.size === 0) this.keyed.states.delete(key);
    this.keyed.mark(key);
  }

  protected due(key: Key): void {
    const timers = this.keyed.states.get(key);
    if (timers === undefined) return;
    for (const [name, dueMs] of [...timers].sort((a, b) => a[1] - b[1])) {
      if (dueMs > this.watermark || timers.get(name) !== dueMs) continue;
      this.clear(key, name);
      this.#onTimer(key, name, dueMs);
    }
  }
}
