import { compareValues } from '../bytes/plain-value.ts';
import { requirePositive } from '../errors.ts';
import type { ResultFrame } from './result.ts';

export interface TopNOptions<Result> {
  readonly n: number;
  /** What to rank by, greatest first; null ranks last. Equal ones rank by key. */
  readonly by: (result: Result) => number | null;
  /** Windows are ranked for each group alone; one group when left out. */
  readonly group?: (result: Result) => string;
}

/** The leading results of one window and group. */
export interface Ranking<Result> {
  readonly group: string;
  readonly windowStart: number | null;
  readonly windowEnd: number | null;
  readonly ranked: readonly Result[];
}

interface Board<Result> {
  readonly group: string;
  readonly results: Map<unknown, Result>;
  changed: boolean;
}

/** The N greatest results of each window: feed it the results of a windowed aggregation, corrections and retractions included. */
export class TopN<Result extends ResultFrame> {
  readonly #options: TopNOptions<Result>;
  readonly #boards = new Map<string, Board<Result>>();

  /** @throws WindowingError WINDOWING_OPTION_INVALID */
  constructor(options: TopNOptions<Result>) {
    requirePositive(options.n, 'n', { integer: true });
    this.#options = options;
  }

  /** Windows and groups that are held. */
  get size(): number {
    return this.#boards.size;
  }

  /** Takes a result; a later one of the same key and window replaces it, a retraction removes it. */
  push(result: Result): void {
    const group = this.#options.group?.(result) ?? '';
    const id = JSON.stringify([result.windowStart, result.windowEnd, group]);
    let board = this.#boards.get(id);
    if (board === undefined) {
      this.#boards.set(id, (board = { group, results: new Map(), changed: false }));
    }
    if (result.state === 'retracted') board.results.delete(result.key);
    else board.results.set(result.key, result);
    board.changed = true;
  }

  /** The rankings that changed since the last call. */
  drain(): Ranking<Result>[] {
    const rankings: Ranking<Result>[] = [];
    for (const [id, board] of this.#boards) {
      if (!board.changed) continue;
      board.changed = false;
      const [windowStart, windowEnd] = JSON.parse(id) as [number | null, number | null];
      rankings.push({ group: board.group, windowStart, windowEnd, ranked: this.#rank(board) });
      if (board.results.size === 0) this.#boards.delete(id);
    }
    return rankings;
  }

  /** Lets go of windows that end at or before a time: give the watermark less the grace, after `drain`. */
  release(beforeMs: number): void {
    for (const id of this.#boards.keys()) {
      const [, windowEnd] = JSON.parse(id) as [number | null, number | null];
      if (windowEnd !== null && windowEnd <= beforeMs) this.#boards.delete(id);
    }
  }

  #rank(board: Board<Result>): Result[] {
    const { n, by } = this.#options;
    return [...board.results.values()]
      .sort((a, b) => (by(b) ?? -Infinity) - (by(a) ?? -Infinity) || compareValues(a.key, b.key))
      .slice(0, n);
  }
}
