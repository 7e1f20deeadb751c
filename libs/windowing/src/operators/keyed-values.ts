import type { PlainValue } from '../bytes/plain-value.ts';
import { readValue, writeValue } from '../bytes/plain-value.ts';
import type { Key } from '../state/key-table.ts';
import { KeyedState } from './keyed-state.ts';
import type { TimedOptions } from './timed-operator.ts';
import { TimedOperator } from './timed-operator.ts';

/** What is kept of one key, by name: values, and the times of timers. */
export interface Kept {
  readonly values: ReadonlyMap<string, PlainValue>;
  readonly timers: ReadonlyMap<string, number>;
}

const nothing: Kept = { values: new Map(), timers: new Map() };

/** Keeps values and event-time timers of keys; each timer fires once, when the watermark has reached its time, in the order of times. */
export class KeyedValues extends TimedOperator<never, Kept> {
  protected readonly keyed: KeyedState<Kept>;
  readonly #onTimer: (key: Key, name: string, dueMs: number) => void;

  constructor(
    options: Pick<TimedOptions, 'partitions' | 'trackChanges' | 'overflow'>,
    onTimer: (key: Key, name: string, dueMs: number) => void,
  ) {
    super({ ...options, watermarks: 'explicit' });
    this.#onTimer = onTimer;
    this.keyed = new KeyedState({
      definition: ['values'],
      ...this.surroundings,
      write({ values, timers }, out) {
        out.varint(values.size);
        for (const [name, value] of values) {
          out.string(name);
          writeValue(out, value);
        }
        out.varint(timers.size);
        for (const [name, dueMs] of timers) {
          out.string(name);
          out.number(dueMs);
        }
      },
      read: (key, input) => {
        const values = new Map<string, PlainValue>();
        for (let left = input.count(2); left > 0; left--) values.set(input.string(), readValue(input));
        const timers = new Map<string, number>();
        for (let left = input.count(2); left > 0; left--) timers.set(input.string(), input.number());
        for (const dueMs of timers.values()) this.#watch(key, dueMs);
        return { values, timers };
      },
    });
  }

  /** What is kept of a key; not to be changed. */
  of(key: Key): Kept {
    return this.keyed.states.get(key) ?? nothing;
  }

  /** Takes the place of what was kept of a key. A timer that is due already fires with the next step of the watermark. */
  put(key: Key, kept: Kept): void {
    const { timers } = this.of(key);
    if (kept.values.size === 0 && kept.timers.size === 0) this.keyed.states.delete(key);
    else this.keyed.states.set(key, kept);
    this.keyed.mark(key);
    for (const [name, dueMs] of kept.timers) if (timers.get(name) !== dueMs) this.#watch(key, dueMs);
  }

  /** The operator below fires when the watermark is past a time, a timer when it has reached it. */
  #watch(key: Key, dueMs: number): void {
    this.setTimer(dueMs - 1, key);
  }

  protected due(key: Key, beforeMs: number): void {
    for (const [name, dueMs] of this.of(key).timers) {
      // Others have an entry of their own, and one before it may have taken this one back.
      const { values, timers } = this.of(key);
      if (dueMs - 1 !== beforeMs || timers.get(name) !== dueMs) continue;
      const left = new Map(timers);
      left.delete(name);
      this.put(key, { values, timers: left });
      this.#onTimer(key, name, dueMs);
    }
  }
}
