import type { CompiledAggregates } from '../aggregates/compile.ts';
import { Heap } from '../state/heap.ts';
import type { KeyTable } from '../state/key-table.ts';
import { TimeMap } from '../state/time-map.ts';
import type { Watermarks } from '../watermark.ts';
import type { Slicer } from '../windows/slicer.ts';
import { OpenWindow, Pane } from './pane.ts';

/** Keys dropped per new cell at most, once they are out of use: keeps the cost of a mass closing spread out. */
const SWEEP_PER_CELL = 4;

/** A new pane is not given room for more keys than this before they come. */
const MOST_ROOM = 2 ** 14;
/** Dropped panes whose arrays are kept for new ones: new memory for each would make V8 collect garbage in full again and again. */
const MOST_SPARE = 4;

interface PaneStoreOptions {
  readonly aggregates: CompiledAggregates;
  readonly slicer: Slicer;
  readonly keys: KeyTable;
  readonly watermarks: Watermarks;
  readonly graceMs: number;
  /** Whether memory is counted, and what is not in use has to be given back. */
  readonly isCounted: boolean;
  /** Called when a pane's last window is gone. */
  readonly onPaneDropped: (start: number) => void;
}

/** The panes and windows that hold state, and which of them are due to close or to leave. */
export class PaneStore {
  readonly panes = new TimeMap<Pane>();
  readonly windows = new TimeMap<OpenWindow>();
  readonly closing = new Heap<OpenWindow>();
  readonly leaving = new Heap<OpenWindow>();
  readonly #options: PaneStoreOptions;
  readonly #spare: Pane[] = [];
  #last: Pane | undefined;
  #newest: Pane | undefined;
  /** Keys of the pane that was dropped last. */
  #dropped = 0;

  constructor(options: PaneStoreOptions) {
    this.#options = options;
  }

  /** The pane of a time, made if there is none. */
  paneOf(timeMs: number): Pane {
    const last = this.#last;
    if (last !== undefined && timeMs >= last.start && timeMs < last.end) return last;
    const { slicer } = this.#options;
    slicer.locate(timeMs);
    return (this.#last = this.panes.get(slicer.start) ?? this.#newPane(slicer.start, slicer.end));
  }

  newPlace(pane: Pane, keyId: number): number {
    const { keys } = this.#options;
    keys.retain(keyId);
    keys.sweep(SWEEP_PER_CELL);
    const place = pane.keys.append(keyId);
    pane.cells.reserve(place);
    return place;
  }

  /** Lets go of a window whose grace is over, and of the panes that no other window needs. */
  forget(window: OpenWindow): void {
    window.phase = 'gone';
    this.windows.delete(window.end);
    for (const pane of window.panes) {
      pane.windows = pane.windows.filter((other) => other !== window);
      if (pane.windows.length === 0) this.drop(pane);
    }
    const { keys } = this.#options;
    for (const keyId of window.revisions?.keys() ?? []) keys.release(keyId);
    keys.rotate();
    if (this.panes.size === 0) keys.clear();
  }

  drop(pane: Pane): void {
    const { keys, onPaneDropped, isCounted } = this.#options;
    this.panes.delete(pane.start);
    if (this.#last === pane) this.#last = undefined;
    if (this.#newest === pane) this.#newest = undefined;
    const { ids, size } = pane.keys;
    this.#dropped = size;
    keys.releaseAll(ids, size);
    pane.cold?.drop();
    onPaneDropped(pane.start);
    if (isCounted || ids.length > MOST_ROOM || this.#spare.length === MOST_SPARE) return;
    pane.clear();
    this.#spare.push(pane);
  }

  /** After a restored watermark: windows that were closed before the snapshot are closed, without a second result. */
  settle(): void {
    const watermark = this.#options.watermarks.combined;
    while (this.closing.isDue(watermark)) {
      const window = this.closing.pop()!;
      window.phase = 'closed';
      this.leaving.push(window.end + this.#options.graceMs, window);
    }
    while (this.leaving.isDue(watermark)) this.forget(this.leaving.pop()!);
  }

  #newPane(start: number, end: number): Pane {
    const { aggregates, slicer, watermarks, graceMs } = this.#options;
    const pane = (this.#newest = this.#spare.pop() ?? new Pane({ start, end }, aggregates, this.#room()));
    pane.start = start;
    pane.end = end;
    const watermark = watermarks.combined;
    slicer.windowsOf(start, (windowStart, windowEnd) => {
      pane.earliestEnd = Math.min(pane.earliestEnd, windowEnd);
      pane.latestEnd = Math.max(pane.latestEnd, windowEnd);
      if (windowEnd + graceMs <= watermark) return;
      pane.windows.push(this.#window(windowStart, windowEnd));
    });
    this.panes.set(start, pane);
    for (const window of pane.windows) {
      let at = window.panes.length;
      while (at > 0 && window.panes[at - 1]!.start > start) at--;
      window.panes.splice(at, 0, pane);
      if (window.phase === 'closing' && at <= window.atPane) window.atPane++;
    }
    return pane;
  }

  /** As much as the last panes needed: growing step by step costs as much again. */
  #room(): number {
    const keys = Math.min(this.#dropped, this.#newest?.keys.size ?? 0, MOST_ROOM);
    return keys <= 8 ? 8 : 2 ** Math.ceil(Math.log2(keys));
  }

  #window(start: number, end: number): OpenWindow {
    const known = this.windows.get(end);
    if (known !== undefined) return known;
    const window = new OpenWindow(start, end);
    this.windows.set(end, window);
    if (end <= this.#options.watermarks.combined) {
      window.phase = 'closed';
      this.leaving.push(end + this.#options.graceMs, window);
    } else {
      this.closing.push(end, window);
    }
    return window;
  }
}
