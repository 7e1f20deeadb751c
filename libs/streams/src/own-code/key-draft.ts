import type { Kept } from '@millrace/windowing';
import { pathToNonData } from '../runtime/threads/plain-data.ts';
import type { KeyedContext } from './own-code.ts';

type Values = Map<string, Kept['values'] extends ReadonlyMap<string, infer Value> ? Value : never>;

/** What keyed own code reads and changes during one call; what was kept stays as it is until the call has succeeded. */
export class KeyDraft implements KeyedContext {
  readonly timeMs: number;
  readonly key: KeyedContext['key'];
  // Properties that are functions: code may take them out of the context.
  readonly state: KeyedContext['state'];
  readonly schedule: KeyedContext['schedule'];
  readonly cancel: KeyedContext['cancel'];
  readonly #values: Values;
  readonly #timers: Map<string, number>;
  /** Timers are set to later times than this: one that sets itself anew would never come to an end. */
  readonly #afterMs: number;
  #isChanged = false;
  #isOver = false;

  constructor(
    kept: Kept,
    call: { readonly timeMs: number; readonly key: KeyedContext['key']; readonly afterMs: number },
  ) {
    this.timeMs = call.timeMs;
    this.key = call.key;
    this.#afterMs = call.afterMs;
    this.#values = new Map(kept.values);
    this.#timers = new Map(kept.timers);
    this.state = {
      get: <T>(name: string) => copyOf(this.#values.get(name)) as T | undefined,
      set: (name, value) => this.#set(name, value),
      delete: (name) => {
        this.#change();
        this.#values.delete(name);
      },
    };
    this.schedule = (atMs, name = '') => this.#schedule(atMs, name);
    this.cancel = (name = '') => {
      this.#change();
      this.#timers.delete(name);
    };
  }

  #set(name: string, value: unknown): void {
    this.#change();
    const path = pathToNonData(value, name);
    if (path !== undefined || value === undefined || typeof value === 'bigint')
      throw new TypeError(
        `state.set: ${path ?? name} is no plain data; give text, numbers and objects of them`,
      );
    this.#values.set(String(name), copyOf(value) as never);
  }

  #schedule(atMs: number, name: string): void {
    this.#change();
    if (!Number.isSafeInteger(atMs))
      throw new TypeError(`schedule: ${String(atMs)} is no time; give whole epoch milliseconds`);
    this.#timers.set(name, Math.max(atMs, this.#afterMs + 1));
  }

  #change(): void {
    if (this.#isOver) throw new TypeError('the context of a call is no longer there once the call is over');
    this.#isChanged = true;
  }

  /** Ends the call: what is to be kept from now on; undefined when nothing changed. */
  end(): Kept | undefined {
    this.#isOver = true;
    return this.#isChanged ? { values: this.#values, timers: this.#timers } : undefined;
  }
}

/** Own code may change what it was given, or go on using what it gave. */
const copyOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? (JSON.parse(JSON.stringify(value)) as unknown) : value;
