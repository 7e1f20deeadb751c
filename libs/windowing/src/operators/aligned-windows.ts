import { Heap } from '../state/heap.ts';
import type { Key } from '../state/key-table.ts';
import type { Slicer } from '../windows/slicer.ts';
import { createSlicer } from '../windows/slicer.ts';
import type { AlignedWindow } from '../windows/window.ts';
import { Cells } from './cells.ts';
import type { OperatorOptions, OperatorSinks } from './operator.ts';
import { Operator } from './operator.ts';
import { OpenWindow, Pane } from './pane.ts';
import type { ResultState } from './result.ts';

/** Keys dropped per event at most, once they are out of use: keeps the cost of a mass closing spread out. */
const SWEEP_PER_EVENT = 4;

/** Tumbling, hopping, cumulative, calendar and global windows: counted once per pane, merged when a window's result is due. */
export class AlignedWindows<Row> extends Operator<Row> {
  readonly #slicer: Slicer;
  readonly #panes = new Map<number, Pane>();
  readonly #windows = new Map<number, OpenWindow>();
  readonly #closing = new Heap<OpenWindow>();
  readonly #leaving = new Heap<OpenWindow>();
  readonly #merged: Cells;
  readonly #event = { key: '' as Key, timeMs: 0, row: undefined as Row | undefined, partition: 0 };
  #last: Pane | undefined;

  constructor(options: OperatorOptions<Row> & { window: AlignedWindow }, sinks: OperatorSinks<Row>) {
    super(options, sinks);
    this.#slicer = createSlicer(options.window);
    this.#merged = new Cells(this.aggregates, 1);
  }

  /** Windows that hold state, closed ones within grace included. */
  get openWindows(): number {
    return this.#windows.size;
  }

  protected place(key: Key, timeMs: number, row: Row, partition: number): void {
    let pane = this.#last;
    if (pane === undefined || timeMs < pane.start || timeMs >= pane.end) {
      pane = this.#paneOf(timeMs);
      this.#last = pane;
    }
    const watermark = this.watermarks.combined;
    if (watermark >= pane.earliestEnd) {
      this.#placeBehind(pane, key, timeMs, row, partition);
      return;
    }
    const keyId = this.keys.intern(key);
    let place = pane.keys.find(keyId);
    if (place < 0) place = this.#newPlace(pane, keyId);
    pane.cells.add(place, this.aggregates.inputs, timeMs);
    this.counters.accepted++;
    if (this.trackChanges) pane.markChanged(place);
    if (this.emit !== 'onClose') this.#noteUpdate(pane, keyId);
  }

  protected closeDue(most: number): boolean {
    const watermark = this.watermarks.combined;
    let left = most;
    while (this.#closing.isDue(watermark)) {
      const window = this.#closing.pop()!;
      left = this.#close(window, left);
      if (window.phase === 'closing') {
        this.#closing.push(-Infinity, window);
        return false;
      }
      this.#leaving.push(window.end + this.graceMs, window);
    }
    while (this.#leaving.isDue(watermark)) this.#forget(this.#leaving.pop()!);
    return true;
  }

  drainUpdates(): void {
    for (const window of this.#windows.values()) {
      if (window.updated === undefined) continue;
      const state: ResultState = window.phase === 'closed' ? 'revised' : 'filling';
      for (const keyId of window.updated) this.#emitKey(window, keyId, state);
      window.updated = undefined;
    }
  }

  /** Counts an event in a pane of which some windows are closed: late for those that are gone, a revision for the others. */
  #placeBehind(pane: Pane, key: Key, timeMs: number, row: Row | undefined, partition: number): void {
    const watermark = this.watermarks.combined;
    const { graceMs } = this;
    const event = this.#event;
    event.key = key;
    event.timeMs = timeMs;
    event.row = row;
    event.partition = partition;
    if (watermark >= pane.earliestEnd + graceMs) {
      this.#slicer.windowsOf(pane.start, (start, end) => {
        if (watermark >= end + graceMs) this.late(event, start, end);
      });
      event.row = undefined;
      if (watermark >= pane.latestEnd + graceMs) {
        if (pane.keys.size === 0) this.#drop(pane);
        return;
      }
    }
    event.row = undefined;
    const keyId = this.keys.intern(key);
    const waiting = pane.windows.filter((window) => window.end <= watermark && window.phase !== 'closed');
    for (const window of waiting) this.#closeKey(window, keyId);
    let place = pane.keys.find(keyId);
    if (place < 0) place = this.#newPlace(pane, keyId);
    pane.cells.add(place, this.aggregates.inputs, timeMs);
    this.#counted(pane, keyId, place);
  }

  /** After an event was counted in a pane of which some windows may be closed. */
  #counted(pane: Pane, keyId: number, place: number): void {
    const watermark = this.watermarks.combined;
    this.counters.accepted++;
    if (this.trackChanges) pane.markChanged(place);
    for (const window of pane.windows) {
      if (window.end > watermark || window.end + this.graceMs <= watermark) continue;
      if (this.emit === 'onUpdate') (window.updated ??= new Set()).add(keyId);
      else this.#emitKey(window, keyId, 'revised');
    }
    if (this.emit !== 'onClose') this.#noteUpdate(pane, keyId);
  }

  #noteUpdate(pane: Pane, keyId: number): void {
    const watermark = this.watermarks.combined;
    for (const window of pane.windows) {
      if (window.end <= watermark) continue;
      if (this.earlyEvents === 0) {
        (window.updated ??= new Set()).add(keyId);
        continue;
      }
      const pending = (window.pending ??= new Map());
      const events = (pending.get(keyId) ?? 0) + 1;
      pending.set(keyId, events % this.earlyEvents);
      if (events === this.earlyEvents) this.#emitKey(window, keyId, 'filling');
    }
  }

  #paneOf(timeMs: number): Pane {
    this.#slicer.locate(timeMs);
    return this.#panes.get(this.#slicer.start) ?? this.#newPane(this.#slicer.start, this.#slicer.end);
  }

  #newPane(start: number, end: number): Pane {
    const pane = new Pane(start, end, this.aggregates);
    const watermark = this.watermarks.combined;
    this.#slicer.windowsOf(start, (windowStart, windowEnd) => {
      pane.earliestEnd = Math.min(pane.earliestEnd, windowEnd);
      pane.latestEnd = Math.max(pane.latestEnd, windowEnd);
      if (windowEnd + this.graceMs <= watermark) return;
      pane.windows.push(this.#window(windowStart, windowEnd));
    });
    this.#panes.set(start, pane);
    for (const window of pane.windows) {
      let at = window.panes.length;
      while (at > 0 && window.panes[at - 1]!.start > start) at--;
      window.panes.splice(at, 0, pane);
      if (window.phase === 'closing' && at <= window.atPane) window.atPane++;
    }
    return pane;
  }

  #window(start: number, end: number): OpenWindow {
    let window = this.#windows.get(end);
    if (window !== undefined) return window;
    window = new OpenWindow(start, end);
    this.#windows.set(end, window);
    if (end <= this.watermarks.combined) {
      window.phase = 'closed';
      this.#leaving.push(end + this.graceMs, window);
    } else {
      this.#closing.push(end, window);
    }
    return window;
  }

  #newPlace(pane: Pane, keyId: number): number {
    this.keys.retain(keyId);
    this.keys.sweep(SWEEP_PER_EVENT);
    const place = pane.keys.append(keyId);
    pane.cells.reserve(place);
    return place;
  }

  /** Hands out final results, at most `most`; returns how many more may be handed out. */
  #close(window: OpenWindow, most: number): number {
    let left = most;
    window.phase = 'closing';
    const { panes } = window;
    while (window.atPane < panes.length) {
      const pane = panes[window.atPane]!;
      for (; window.atPlace < pane.keys.size; window.atPlace++) {
        const keyId = pane.keys.ids[window.atPlace]!;
        if (window.early?.has(keyId) || this.#inEarlierPane(window, window.atPane, keyId)) continue;
        if (left-- <= 0) return 0;
        if (panes.length === 1) this.#emitCell(window, keyId, pane.cells, window.atPlace);
        else this.#emitMerged(window, window.atPane, keyId, 'final');
      }
      window.atPane++;
      window.atPlace = 0;
    }
    window.phase = 'closed';
    window.updated = undefined;
    window.pending = undefined;
    window.early = undefined;
    return left;
  }

  /** Hands out the final result of a key whose turn in a closing window has not come, before an event changes it. */
  #closeKey(window: OpenWindow, keyId: number): void {
    if (window.early?.has(keyId)) return;
    (window.early ??= new Set()).add(keyId);
    for (let i = 0; i < window.panes.length; i++) {
      const place = window.panes[i]!.keys.find(keyId);
      if (place < 0) continue;
      const passed = i < window.atPane || (i === window.atPane && place < window.atPlace);
      if (!passed) this.#emitMerged(window, i, keyId, 'final');
      return;
    }
  }

  #inEarlierPane(window: OpenWindow, before: number, keyId: number): boolean {
    for (let i = 0; i < before; i++) if (window.panes[i]!.keys.find(keyId) >= 0) return true;
    return false;
  }

  #emitKey(window: OpenWindow, keyId: number, state: ResultState): void {
    this.#emitMerged(window, 0, keyId, state);
  }

  /** Hands out the merge of a key's cells in the window's panes from index `from` on. */
  #emitMerged(window: OpenWindow, from: number, keyId: number, state: ResultState): void {
    const merged = this.#merged;
    merged.clear(0);
    for (let i = from; i < window.panes.length; i++) {
      const pane = window.panes[i]!;
      const place = pane.keys.find(keyId);
      if (place >= 0) merged.merge(0, pane.cells, place);
    }
    const revision = state === 'revised' ? this.#revise(window, keyId) : 0;
    this.result(keyId, merged, 0, { start: window.start, end: window.end, state, revision });
  }

  readonly #frame = { start: 0, end: 0, state: 'final' as ResultState, revision: 0 };

  #emitCell(window: OpenWindow, keyId: number, cells: Cells, place: number): void {
    this.#frame.start = window.start;
    this.#frame.end = window.end;
    this.result(keyId, cells, place, this.#frame);
  }

  #revise(window: OpenWindow, keyId: number): number {
    window.revisions ??= new Map();
    window.revisionsChanged = true;
    const revision = (window.revisions.get(keyId) ?? 0) + 1;
    window.revisions.set(keyId, revision);
    return revision;
  }

  #forget(window: OpenWindow): void {
    window.phase = 'gone';
    this.#windows.delete(window.end);
    for (const pane of window.panes) {
      pane.windows = pane.windows.filter((other) => other !== window);
      if (pane.windows.length === 0) this.#drop(pane);
    }
    this.keys.rotate();
    if (this.#panes.size === 0) this.keys.clear();
  }

  #drop(pane: Pane): void {
    this.#panes.delete(pane.start);
    if (this.#last === pane) this.#last = undefined;
    const { ids, size } = pane.keys;
    for (let place = 0; place < size; place++) this.keys.release(ids[place]!);
  }
}
