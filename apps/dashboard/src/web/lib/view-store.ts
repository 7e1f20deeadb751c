import { rowKey, type ResultRow } from '@millrace/views';

/**
 * The rows of one view that the browser knows, history and live ones alike: of each row the newest form, in whatever
 * order they come. Readers subscribe and take {@link ViewStore.rows}, which is the same array until something changed.
 */
export class ViewStore {
  readonly #keyColumns: readonly string[];
  readonly #schedule: (publish: () => void) => void;
  readonly #byKey = new Map<string, ResultRow>();
  readonly #listeners = new Set<() => void>();
  #sorted: readonly ResultRow[] | undefined;
  #watermark: number | null = null;
  #shownWatermark: number | null = null;
  #isScheduled = false;

  /** `schedule` says when readers see what changed; at once by default. */
  constructor(
    keyColumns: readonly string[],
    schedule: (publish: () => void) => void = (publish) => publish(),
  ) {
    this.#keyColumns = keyColumns;
    this.#schedule = schedule;
  }

  /** All rows, by window start. */
  get rows(): readonly ResultRow[] {
    return (this.#sorted ??= [...this.#byKey.values()].sort((a, b) => a.windowStart - b.windowStart));
  }

  /** How far the view is complete, as far as the browser has been told. */
  get watermark(): number | null {
    return this.#shownWatermark;
  }

  /** Takes rows; an older form of a row that is already known changes nothing. */
  merge(rows: readonly ResultRow[]): void {
    let changed = false;
    for (const row of rows) {
      const key = rowKey(row, this.#keyColumns);
      const known = this.#byKey.get(key);
      if (known !== undefined && isOlder(row, known)) continue;
      this.#byKey.set(key, row);
      changed = true;
    }
    if (changed) this.#changed();
  }

  remove(rows: readonly Pick<ResultRow, 'windowStart'>[]): void {
    let changed = false;
    for (const row of rows) {
      if (this.#byKey.delete(rowKey(row as ResultRow, this.#keyColumns))) changed = true;
    }
    if (changed) this.#changed();
  }

  /** Forgets rows whose window ended before `timeMs`. */
  prune(timeMs: number): void {
    let changed = false;
    for (const [key, row] of this.#byKey) if (row.windowEnd < timeMs) changed = this.#byKey.delete(key);
    if (changed) this.#changed();
  }

  /** Takes a watermark; it never goes back. */
  advance(watermark: number | null): void {
    if (watermark === null || (this.#watermark !== null && watermark <= this.#watermark)) return;
    this.#watermark = watermark;
    this.#changed();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #changed(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#schedule(() => {
      this.#isScheduled = false;
      this.#sorted = undefined;
      this.#shownWatermark = this.#watermark;
      for (const listener of this.#listeners) listener();
    });
  }
}

function isOlder(row: ResultRow, known: ResultRow): boolean {
  if (row.revision !== known.revision) return row.revision < known.revision;
  return (row.watermark ?? -Infinity) < (known.watermark ?? -Infinity);
}
