import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { Key } from '../state/key-table.ts';
import type { Slicer } from '../windows/slicer.ts';
import { createSlicer } from '../windows/create-slicer.ts';
import type { AlignedWindow } from '../windows/window.ts';
import { Cells } from './cells.ts';
import type { ColdPanes } from './cold-panes.ts';
import type { Frame } from './emitter.ts';
import { Operator } from './operator.ts';
import type { OperatorSinks, OptionsFor, ReadFilter, RestoreMode } from './operator-options.ts';
import { isCold } from './pane.ts';
import type { OpenWindow, Pane } from './pane.ts';
import type { WriteChunk } from './pane-state.ts';
import { bucketOf, readPane, writeCells, writePane } from './pane-state.ts';
import { PaneStore } from './pane-store.ts';
import { readWindows } from './read-windows.ts';
import type { ResultState, ResultVisitor } from './result.ts';
import { restoreNotes, writeNotes } from './window-notes.ts';

/** Tumbling, hopping, cumulative, calendar and global windows: counted once per pane, merged when a window's result is due. */
export class AlignedWindows<Row> extends Operator<Row> {
  readonly #slicer: Slicer;
  readonly #store: PaneStore;
  readonly #merged: Cells;
  readonly #event = { key: '' as Key, timeMs: 0, row: undefined as Row | undefined, partition: 0 };
  readonly #frame: Frame = { start: 0, end: 0, state: 'final', revision: 0 };
  readonly #cell: { cells: Cells; slot: number };
  readonly #mergedCell: { cells: Cells; slot: number };
  readonly #cold: ColdPanes | undefined;
  #last: Pane | undefined;

  constructor(options: OptionsFor<Row, AlignedWindow>, sinks: OperatorSinks<Row>) {
    super(options, sinks);
    this.#slicer = createSlicer(options.window);
    this.#store = new PaneStore({
      aggregates: this.aggregates,
      slicer: this.#slicer,
      keys: this.keys,
      watermarks: this.watermarks,
      graceMs: this.graceMs,
      isCounted: options.overflow !== undefined,
      onPaneDropped: (pane) => {
        this.#last = undefined;
        if (this.trackChanges) this.sinks.onBucketClosed?.(bucketOf(pane));
      },
    });
    this.#merged = new Cells(this.aggregates, 2);
    this.#mergedCell = { cells: this.#merged, slot: 0 };
    this.#cell = { cells: this.#merged, slot: 0 };
    const { overflow } = options;
    if (overflow === undefined) return;
    const { aggregates, keys } = this;
    this.#cold = overflow.panes({ overflow, aggregates, keys, store: this.#store });
  }

  get windowCount(): number {
    return this.#store.windows.size;
  }

  protected place(key: Key, timeMs: number, row: Row, partition: number, hint: number): boolean {
    let pane = this.#last;
    if (pane === undefined || timeMs < pane.start || timeMs >= pane.end) {
      pane = this.#last = this.#store.paneOf(timeMs);
    }
    if (this.watermarks.combined >= pane.earliestEnd) {
      this.#placeBehind(pane, key, timeMs, row, partition);
      return true;
    }
    const keyId = this.keys.intern(key, hint);
    let place = pane.keys.find(keyId);
    if (place < 0) place = this.#store.newPlace(pane, keyId);
    pane.cells.add(place, this.aggregates.inputs, timeMs);
    this.accepted++;
    if (this.trackChanges) pane.markChanged(place);
    if (this.plan.mode !== 'onClose') this.#noteUpdate(pane, keyId);
    return true;
  }

  protected closeDue(most: number): boolean {
    const { closing, leaving } = this.#store;
    const watermark = this.watermarks.combined;
    let left = most;
    while (closing.isDue(watermark)) {
      const window = closing.pop()!;
      left = this.#close(window, left);
      if (window.phase === 'closing') {
        closing.push(-Infinity, window);
        return false;
      }
      if (window.end + this.graceMs <= watermark) this.#leave(window);
      else leaving.push(window.end + this.graceMs, window);
    }
    while (leaving.isDue(watermark)) {
      if (left-- <= 0) return false;
      this.#leave(leaving.pop()!);
    }
    return true;
  }

  drainUpdates(): void {
    this.drain();
    for (const window of this.#store.windows.values()) {
      if (window.updated === undefined) continue;
      this.#emitUpdated(window);
    }
  }

  read(filter: ReadFilter, visit: ResultVisitor): void {
    const { watermark } = this;
    readWindows(
      {
        windows: this.#store.windows.values(),
        keys: this.keys,
        cold: this.#cold,
        merged: this.#merged,
        watermark,
        merge: (window, keyId) => this.#mergeCells(window, 0, keyId),
        show: (key, frame) => this.emitter.showKey(key, this.#mergedCell, { frame, watermark, visit }),
      },
      filter,
    );
  }

  override get overflowed(): ColdPanes | undefined {
    return this.#cold;
  }

  buckets(): number[] {
    return [...this.#store.panes.keys()].map(bucketOf);
  }

  drainChanges(write: WriteChunk): void {
    this.drain();
    for (const pane of this.#store.panes.values()) {
      pane.isIdle = pane.changedCount === 0;
      if (pane.isIdle) continue;
      this.#cold?.settle(pane);
      const { changed } = pane;
      const writing = this.#cold?.measured(write, changed.length) ?? write;
      writePane(pane, { ...this.#state(), places: changed, write: writing });
      pane.clearChanged();
    }
  }

  snapshotBucket(bucket: number, write: WriteChunk, where?: (key: Key) => boolean): void {
    for (const pane of this.#store.panes.values()) {
      if (bucketOf(pane.start) !== bucket) continue;
      if (pane.cold !== undefined) {
        const cells = this.#cold!.keysOf([pane], this.#merged);
        writeCells(pane, cells, { merged: this.#merged, definition: this.definition, where, write });
        continue;
      }
      const places =
        where === undefined
          ? ('all' as const)
          : Array.from({ length: pane.keys.size }, (_, place) => place).filter((place) =>
              where(this.keys.keyOf(pane.keys.ids[place]!)),
            );
      writePane(pane, { ...this.#state(), places, write });
    }
  }

  protected restoreChunk(input: ByteReader, mode: RestoreMode): void {
    this.#cold?.settleAll();
    const bytes = input.remaining;
    const read = readPane(this.#store, { keys: this.keys, input, mode, scratch: this.#merged });
    this.#cold?.restored(read.pane, { ...read, mode, bytes });
  }

  protected writeNotes(out: ByteWriter): void {
    writeNotes(this.#store.windows.values(), this.keys, out);
  }

  protected restoreNotes(input: ByteReader): void {
    restoreNotes(this.#store, this.keys, input);
    this.#store.settle();
  }

  protected override mergePartial(
    key: Key,
    partial: { start: number; input: ByteReader; partition: number },
  ): void {
    const { start, input, partition } = partial;
    this.#merged.clear(1);
    this.#merged.read(1, input);
    const pane = this.#store.paneOf(start);
    if (this.watermarks.combined >= pane.earliestEnd) {
      this.#mergeBehind(pane, key, partition);
      return;
    }
    const keyId = this.keys.intern(key);
    let place = pane.keys.find(keyId);
    if (place < 0) place = this.#store.newPlace(pane, keyId);
    pane.cells.merge(place, this.#merged, 1);
    this.accepted++;
    if (this.trackChanges) pane.markChanged(place);
    if (this.plan.mode !== 'onClose') this.#noteUpdate(pane, keyId);
  }

  /** Counts an event in a pane of which some windows are closed: late for those that are gone, a revision for the others. */
  #placeBehind(pane: Pane, key: Key, timeMs: number, row: Row, partition: number): void {
    if (!this.#reportLate(pane, key, timeMs, row, partition)) return;
    const keyId = this.keys.intern(key);
    const place = this.#placeInClosed(pane, keyId);
    pane.cells.add(place, this.aggregates.inputs, timeMs);
    this.#revised(pane, keyId, place);
  }

  #mergeBehind(pane: Pane, key: Key, partition: number): void {
    if (!this.#reportLate(pane, key, pane.start, undefined, partition)) return;
    const keyId = this.keys.intern(key);
    const place = this.#placeInClosed(pane, keyId);
    pane.cells.merge(place, this.#merged, 1);
    this.#revised(pane, keyId, place);
  }

  /** Reports each window of the pane that is gone; false when all of them are. */
  #reportLate(pane: Pane, key: Key, timeMs: number, row: Row | undefined, partition: number): boolean {
    const watermark = this.watermarks.combined;
    const { graceMs } = this;
    if (watermark < pane.earliestEnd + graceMs) return true;
    const event = this.#event;
    event.key = key;
    event.timeMs = timeMs;
    event.row = row;
    event.partition = partition;
    this.#slicer.windowsOf(pane.start, (start, end) => {
      if (watermark >= end + graceMs) this.emitter.late(event, { start, end }, watermark);
    });
    event.row = undefined;
    if (watermark < pane.latestEnd + graceMs) return true;
    if (pane.windows.length === 0) this.#store.drop(pane);
    return false;
  }

  /** The place of a key that is about to change, once its results that are due are out. */
  #placeInClosed(pane: Pane, keyId: number): number {
    const watermark = this.watermarks.combined;
    for (const window of pane.windows) {
      if (window.end <= watermark && window.phase !== 'closed') this.#closeKey(window, keyId);
    }
    const place = pane.keys.find(keyId);
    return place < 0 ? this.#store.newPlace(pane, keyId) : place;
  }

  #revised(pane: Pane, keyId: number, place: number): void {
    const watermark = this.watermarks.combined;
    this.accepted++;
    if (this.trackChanges) pane.markChanged(place);
    for (const window of pane.windows) {
      if (window.end > watermark || window.end + this.graceMs <= watermark) continue;
      if (this.plan.mode === 'onUpdate') (window.updated ??= new Set()).add(keyId);
      else this.#emitMerged(window, 0, keyId, 'revised');
    }
    if (this.plan.mode !== 'onClose') this.#noteUpdate(pane, keyId);
  }

  #noteUpdate(pane: Pane, keyId: number): void {
    const watermark = this.watermarks.combined;
    for (const window of pane.windows) {
      if (window.end <= watermark) continue;
      if (this.plan.everyEvents === 0) {
        (window.updated ??= new Set()).add(keyId);
        continue;
      }
      const pending = (window.pending ??= new Map());
      const events = (pending.get(keyId) ?? 0) + 1;
      pending.set(keyId, events % this.plan.everyEvents);
      if (events === this.plan.everyEvents) this.#emitMerged(window, 0, keyId, 'filling');
    }
  }

  /** Hands out final results, at most `most`; returns how many more may be handed out. */
  #close(window: OpenWindow, most: number): number {
    let left = most;
    window.phase = 'closing';
    const { panes } = window;
    if (isCold(window)) return this.#closeCold(window, left);
    if (panes.length === 1 && window.early === undefined) left = this.#emitPane(window, panes[0]!, left);
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
    // What changed after its result had come out of turn is still to be revised.
    const { early, updated } = window;
    window.updated = early && updated && new Set([...updated].filter((keyId) => early.has(keyId)));
    window.pending = undefined;
    window.early = undefined;
    return left;
  }

  /** As `#close`, which happens in one call here, where cells are not in memory. */
  #closeCold(window: OpenWindow, most: number): number {
    const frame: Frame = { start: window.start, end: window.end, state: 'final', revision: 0 };
    for (const { key } of this.#cold!.keysOf(window.panes, this.#merged)) {
      this.emitter.emitKey(key, this.#mergedCell, frame, this.watermarks.combined);
    }
    window.phase = 'closed';
    window.updated = undefined;
    return most;
  }

  /** As `#close`, where there is nothing to merge or to leave out. */
  #emitPane(window: OpenWindow, pane: Pane, most: number): number {
    const { ids, size } = pane.keys;
    const from = window.atPlace;
    const to = Math.min(size, from + most);
    for (let place = from; place < to; place++) {
      this.#emitCell(window, ids[place]!, pane.cells, place);
      window.atPlace = place + 1;
    }
    return most - (to - from);
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

  #emitUpdated(window: OpenWindow): void {
    const state: ResultState = window.phase === 'closed' ? 'revised' : 'filling';
    for (const keyId of window.updated ?? []) this.#emitMerged(window, 0, keyId, state);
    window.updated = undefined;
  }

  /** Lets go of a window whose grace is over, once the revisions that nobody has drained are out. */
  #leave(window: OpenWindow): void {
    this.#emitUpdated(window);
    this.#store.forget(window);
  }

  #mergeCells(window: OpenWindow, from: number, keyId: number): void {
    const merged = this.#merged;
    merged.clear(0);
    for (let i = from; i < window.panes.length; i++) {
      const pane = window.panes[i]!;
      if (pane.cold !== undefined) {
        this.#cold!.addTo(merged, pane, this.keys.keyOf(keyId));
        continue;
      }
      const place = pane.keys.find(keyId);
      if (place >= 0) merged.merge(0, pane.cells, place);
    }
  }

  /** Hands out the merge of a key's cells in the window's panes from index `from` on. */
  #emitMerged(window: OpenWindow, from: number, keyId: number, state: ResultState): void {
    this.#mergeCells(window, from, keyId);
    const revision = state === 'revised' ? this.#revise(window, keyId) : 0;
    const frame = { start: window.start, end: window.end, state, revision };
    this.emitter.emit(keyId, this.#mergedCell, frame, this.watermarks.combined);
  }

  #emitCell(window: OpenWindow, keyId: number, cells: Cells, place: number): void {
    this.#frame.start = window.start;
    this.#frame.end = window.end;
    this.#cell.cells = cells;
    this.#cell.slot = place;
    this.emitter.emit(keyId, this.#cell, this.#frame, this.watermarks.combined);
  }

  #revise(window: OpenWindow, keyId: number): number {
    window.revisions ??= new Map();
    const revision = (window.revisions.get(keyId) ?? 0) + 1;
    // Its cells may be spilled before the window is gone.
    if (revision === 1) this.keys.retain(keyId);
    window.revisions.set(keyId, revision);
    return revision;
  }

  #state() {
    return { keys: this.keys, definition: this.definition };
  }
}
