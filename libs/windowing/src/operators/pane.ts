import type { CompiledAggregates } from '../aggregates/compile.ts';
import { growInt32, growUint8 } from '../state/grow.ts';
import { IdIndex } from '../state/id-index.ts';
import { Cells } from './cells.ts';
import type { ColdRows } from './cold-rows.ts';

/** One window of time that has begun: open, then closed (its result is out), then past its grace and gone. */
export class OpenWindow {
  readonly start: number;
  readonly end: number;
  /** By ascending start. */
  readonly panes: Pane[] = [];
  phase: 'open' | 'closing' | 'closed' | 'gone' = 'open';
  /** How far closing has come: panes before `atPane`, and places before `atPlace` of that pane, are done. */
  atPane = 0;
  atPlace = 0;
  /** Keys closed out of turn. */
  early: Set<number> | undefined;
  /** Keys whose result was revised, and how often. */
  revisions: Map<number, number> | undefined;
  /** Keys that changed since their last result (emit on update only). */
  updated: Set<number> | undefined;
  /** Events since the last early result, by key (early results by count only). */
  pending: Map<number, number> | undefined;

  constructor(start: number, end: number) {
    this.start = start;
    this.end = end;
  }
}

/** The cells of one piece of time: which keys it holds, in order of arrival, and their aggregate states. */
export class Pane {
  start: number;
  end: number;
  /** Of all windows that hold this pane, those already gone included. */
  earliestEnd = Infinity;
  latestEnd = -Infinity;
  /** Those that are not gone, by ascending end. */
  windows: OpenWindow[] = [];
  keys: IdIndex;
  cells: Cells;
  /** Nothing changed between the last two calls of `drainChanges`. */
  isIdle = false;
  /** The cells that are not in memory; undefined: all are. */
  cold: ColdRows | undefined = undefined;
  /** Places before this one are whole, those behind it lack what is in `cold`. */
  settled = 0;
  #changed = new Int32Array(0);
  #changedCount = 0;
  #isChanged = new Uint8Array(0);

  /** `room`: how many keys to expect, a power of two. */
  constructor(
    bounds: { readonly start: number; readonly end: number },
    aggregates: CompiledAggregates,
    room = 8,
  ) {
    this.start = bounds.start;
    this.end = bounds.end;
    this.keys = new IdIndex(room);
    this.cells = new Cells(aggregates, room);
  }

  /** Empties it, so that its arrays can be those of another piece of time. */
  clear(): void {
    this.earliestEnd = Infinity;
    this.latestEnd = -Infinity;
    this.windows = [];
    this.isIdle = false;
    this.cold = undefined;
    this.settled = 0;
    this.clearChanged();
    for (let place = 0; place < this.keys.size; place++) this.cells.clear(place);
    this.keys.clear();
  }

  /** Places changed since the last `clearChanged`; valid until the next change. */
  get changed(): Int32Array {
    return this.#changed.subarray(0, this.#changedCount);
  }

  get changedCount(): number {
    return this.#changedCount;
  }

  markChanged(place: number): void {
    if (place >= this.#isChanged.length) {
      const capacity = Math.max(64, place * 2, this.keys.ids.length);
      this.#isChanged = growUint8(this.#isChanged, capacity);
      this.#changed = growInt32(this.#changed, capacity);
    }
    if (this.#isChanged[place] !== 0) return;
    this.#isChanged[place] = 1;
    this.#changed[this.#changedCount++] = place;
  }

  /** Lets go of all cells; room for as many keys as there were is kept up to `mostRoom`, a power of two. */
  empty(aggregates: CompiledAggregates, mostRoom = 2 ** 9): void {
    const room = Math.min(this.keys.ids.length, mostRoom);
    this.keys = new IdIndex(room);
    this.cells = new Cells(aggregates, room);
    this.#isChanged = new Uint8Array(0);
    this.#changed = new Int32Array(0);
    this.#changedCount = 0;
    this.settled = 0;
  }

  /** What its arrays take. */
  get memoryBytes(): number {
    return this.keys.memoryBytes + this.cells.memoryBytes + 5 * this.#isChanged.byteLength;
  }

  clearChanged(): void {
    const count = this.#changedCount;
    if (count * 4 > this.#isChanged.length) this.#isChanged.fill(0);
    else for (let at = 0; at < count; at++) this.#isChanged[this.#changed[at]!] = 0;
    this.#changedCount = 0;
  }
}

/** Whether some of a window's cells are not in memory. */
export function isCold({ panes }: OpenWindow): boolean {
  for (const { cold } of panes) if (cold !== undefined) return true;
  return false;
}
