import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { Key } from '../state/key-table.ts';
import { TimerHeap } from '../state/timer-heap.ts';
import type { SlidingWindow } from '../windows/window.ts';
import { Cells } from './cells.ts';
import { KeyGroups } from './key-groups.ts';
import { Operator } from './operator.ts';
import type { OperatorSinks, OptionsFor, ReadFilter, RestoreMode } from './operator-options.ts';
import type { WriteChunk } from './pane-state.ts';
import type { ResultState, ResultVisitor } from './result.ts';
import { readKey } from './state-form.ts';

/** All events of a key at one time, and the window that ends with it. */
interface Moment {
  readonly keyId: number;
  readonly timeMs: number;
  readonly slot: number;
  /** False for a time whose own window was gone when it first came: it counts in later windows only. */
  hasWindow: boolean;
  closed: boolean;
  gone: boolean;
  updated: boolean;
  finals: number;
  pending: number;
}

/** For each event time `r` of a key the events in `[r − sizeMs, r]`; a result costs a merge of that many distinct times. */
export class SlidingWindows<Row> extends Operator<Row> {
  readonly #sizeMs: number;
  readonly #cells: Cells;
  readonly #merged: Cells;
  readonly #cell: { cells: Cells; slot: number };
  readonly #groups: KeyGroups;
  /** By key, ascending by time. */
  readonly #moments = new Map<number, Moment[]>();
  readonly #timers = new TimerHeap();
  #slots: (Moment | undefined)[] = [];
  #free: number[] = [];
  #updated: Moment[] = [];

  constructor(options: OptionsFor<Row, SlidingWindow>, sinks: OperatorSinks<Row>) {
    super(options, sinks);
    this.#sizeMs = options.window.sizeMs;
    this.#cells = new Cells(this.aggregates);
    this.#merged = new Cells(this.aggregates, 1);
    this.#cell = { cells: this.#merged, slot: 0 };
    this.#groups = new KeyGroups({
      keys: this.keys,
      definition: this.definition,
      writeState: (keyId, out) => this.#writeKey(keyId, out),
    });
  }

  get windowCount(): number {
    return this.#slots.length - this.#free.length;
  }

  protected place(key: Key, timeMs: number, row: Row, partition: number, hint: number): boolean {
    const watermark = this.watermarks.combined;
    const late = timeMs + this.graceMs < watermark;
    if (late) {
      const window = { start: timeMs - this.#sizeMs, end: timeMs + 1 };
      this.emitter.late({ key, timeMs, row, partition }, window, watermark);
      if (timeMs + this.#sizeMs + this.graceMs < watermark) return true;
    }
    const keyId = this.keys.intern(key, hint);
    const moments = this.#momentsOf(keyId);
    let at = moments.length;
    while (at > 0 && moments[at - 1]!.timeMs > timeMs) at--;
    // What is due at its old value goes out before the event changes it.
    for (let i = at; i < moments.length && moments[i]!.timeMs <= timeMs + this.#sizeMs; i++) {
      this.#closeIfDue(moments[i]!);
    }
    let own = moments[at - 1];
    if (own === undefined || own.timeMs !== timeMs) {
      own = this.#open(keyId, timeMs, { hasWindow: !late });
      moments.splice(at, 0, own);
      at++;
    } else {
      this.#closeIfDue(own);
    }
    this.#cells.add(own.slot, this.aggregates.inputs, timeMs);
    this.accepted++;
    if (this.trackChanges) this.#groups.mark(keyId);
    for (let i = at - 1; i < moments.length && moments[i]!.timeMs <= timeMs + this.#sizeMs; i++) {
      this.#changed(moments[i]!);
    }
    return true;
  }

  protected closeDue(most: number): boolean {
    const watermark = this.watermarks.combined;
    let left = most;
    while (this.#timers.due < watermark) {
      const due = this.#timers.due;
      const moment = this.#slots[this.#timers.pop()]!;
      const graceEnd = moment.timeMs + this.graceMs;
      if (!moment.closed) {
        if (moment.hasWindow && left-- <= 0) {
          this.#timers.push(due, moment.slot);
          return false;
        }
        this.#closeIfDue(moment);
        this.#timers.push(graceEnd, moment.slot);
      } else if (due < graceEnd) {
        this.#timers.push(graceEnd, moment.slot);
      } else if (due < this.#leaveAt(moment.timeMs)) {
        // Grace is over: a revision that nobody has drained comes out, while all that it needs is there.
        if (moment.updated) this.#emitFinal(moment);
        this.#timers.push(this.#leaveAt(moment.timeMs), moment.slot);
      } else {
        // In its turn: windows that were due between its close and now still needed the moment.
        this.#forget(moment);
      }
    }
    return true;
  }

  drainUpdates(): void {
    this.drain();
    const updated = this.#updated;
    this.#updated = [];
    for (const moment of updated) {
      if (!moment.updated || moment.gone) continue;
      moment.updated = false;
      if (moment.closed) this.#emitFinal(moment);
      else this.#emit(moment, 'filling', 0);
    }
  }

  read(filter: ReadFilter, visit: ResultVisitor): void {
    const { key, fromMs = -Infinity, toMs = Infinity } = filter;
    const only = key === undefined ? undefined : this.keys.find(key);
    for (const [keyId, moments] of this.#moments) {
      if (only !== undefined && keyId !== only) continue;
      for (const moment of moments) {
        const [start, end] = [moment.timeMs - this.#sizeMs, moment.timeMs + 1];
        if (!moment.hasWindow || end <= fromMs || start >= toMs) continue;
        const revision = Math.max(0, moment.finals - 1);
        const state: ResultState = !moment.closed ? 'filling' : revision > 0 ? 'revised' : 'final';
        this.#merge(moment);
        this.emitter.show(keyId, this.#cell, {
          frame: { start, end, state, revision },
          watermark: this.watermark,
          visit,
        });
      }
    }
  }

  buckets(): number[] {
    return this.#groups.of(this.#moments.keys());
  }

  drainChanges(write: WriteChunk): void {
    this.drain();
    this.#groups.drain(write);
  }

  snapshotBucket(bucket: number, write: WriteChunk, where?: (key: Key) => boolean): void {
    this.#groups.writeGroup(bucket, { ids: this.#moments.keys(), where, write });
  }

  protected restoreChunk(input: ByteReader, mode: RestoreMode): void {
    while (!input.done) {
      const keyId = this.keys.intern(readKey(input));
      this.keys.retain(keyId);
      if (mode === 'replace') for (const moment of this.#moments.get(keyId) ?? []) this.#release(moment);
      if (mode === 'replace') this.#moments.delete(keyId);
      for (let left = input.count(3); left > 0; left--) {
        const timeMs = input.number();
        const flags = input.byte();
        const finals = input.varint();
        const moments = this.#momentsOf(keyId);
        let moment = moments.find((other) => other.timeMs === timeMs);
        if (moment === undefined) {
          moment = this.#open(keyId, timeMs, { hasWindow: (flags & 1) !== 0 });
          moments.push(moment);
          moments.sort((a, b) => a.timeMs - b.timeMs);
        }
        moment.closed = (flags & 2) !== 0;
        if ((flags & 4) !== 0) this.#noteUpdate(moment);
        moment.finals = finals;
        this.#merged.clear(0);
        this.#merged.read(0, input);
        this.#cells.merge(moment.slot, this.#merged, 0);
      }
      this.keys.release(keyId);
    }
  }

  protected writeNotes(out: ByteWriter): void {
    out.varint(0);
  }

  protected restoreNotes(): void {
    this.closeDue(0);
  }

  #momentsOf(keyId: number): Moment[] {
    let moments = this.#moments.get(keyId);
    if (moments === undefined) this.#moments.set(keyId, (moments = []));
    return moments;
  }

  #open(keyId: number, timeMs: number, { hasWindow }: { hasWindow: boolean }): Moment {
    const slot = this.#free.pop() ?? this.#slots.push(undefined) - 1;
    this.#cells.reserve(slot);
    this.keys.retain(keyId);
    // Within grace, its window has closed without it: what comes is a revision.
    const closed = timeMs < this.watermarks.combined;
    const moment: Moment = {
      keyId,
      timeMs,
      slot,
      hasWindow,
      closed,
      gone: false,
      updated: false,
      finals: closed ? 1 : 0,
      pending: 0,
    };
    this.#slots[slot] = moment;
    this.#timers.push(closed ? timeMs + this.graceMs : timeMs, slot);
    return moment;
  }

  /** When no window needs the moment any more: one later than its last window's close, so that this comes first. */
  #leaveAt(timeMs: number): number {
    return timeMs + this.#sizeMs + this.graceMs + 1;
  }

  #closeIfDue(moment: Moment): void {
    if (moment.closed || moment.timeMs >= this.watermarks.combined) return;
    moment.closed = true;
    if (moment.hasWindow) this.#emitFinal(moment);
  }

  #changed(moment: Moment): void {
    const watermark = this.watermarks.combined;
    if (!moment.hasWindow || moment.timeMs + this.graceMs < watermark) return;
    const { mode, everyEvents } = this.plan;
    if (moment.closed && mode !== 'onUpdate') {
      this.#emitFinal(moment);
    } else if (everyEvents > 0) {
      if (++moment.pending < everyEvents) return;
      moment.pending = 0;
      this.#emit(moment, 'filling', 0);
    } else if (mode !== 'onClose') {
      this.#noteUpdate(moment);
    }
  }

  #noteUpdate(moment: Moment): void {
    if (moment.updated) return;
    moment.updated = true;
    this.#updated.push(moment);
  }

  #emitFinal(moment: Moment): void {
    const revision = moment.finals++;
    moment.updated = false;
    if (this.trackChanges) this.#groups.mark(moment.keyId);
    this.#emit(moment, revision === 0 ? 'final' : 'revised', revision);
  }

  #emit(moment: Moment, state: ResultState, revision: number): void {
    this.#merge(moment);
    const { keyId, timeMs } = moment;
    const frame = { start: timeMs - this.#sizeMs, end: timeMs + 1, state, revision };
    this.emitter.emit(keyId, this.#cell, frame, this.watermarks.combined);
  }

  /** Adds up the moments of the window that ends with this one. */
  #merge(moment: Moment): void {
    const moments = this.#moments.get(moment.keyId)!;
    const start = moment.timeMs - this.#sizeMs;
    this.#merged.clear(0);
    for (let at = indexAfter(moments, moment.timeMs) - 1; at >= 0; at--) {
      if (moments[at]!.timeMs < start) break;
      this.#merged.merge(0, this.#cells, moments[at]!.slot);
    }
  }

  #forget(moment: Moment): void {
    const moments = this.#moments.get(moment.keyId)!;
    moments.splice(moments.indexOf(moment), 1);
    if (moments.length === 0) this.#moments.delete(moment.keyId);
    if (this.trackChanges) this.#groups.mark(moment.keyId);
    this.#release(moment);
    this.keys.rotate();
    this.keys.sweep(2);
  }

  #release(moment: Moment): void {
    moment.gone = true;
    this.#cells.clear(moment.slot);
    this.#slots[moment.slot] = undefined;
    this.#free.push(moment.slot);
    this.keys.release(moment.keyId);
  }

  #writeKey(keyId: number, out: ByteWriter): void {
    const moments = this.#moments.get(keyId) ?? [];
    out.varint(moments.length);
    for (const { timeMs, hasWindow, closed, updated, finals, slot } of moments) {
      out.number(timeMs);
      out.byte((hasWindow ? 1 : 0) | (closed ? 2 : 0) | (updated ? 4 : 0));
      out.varint(finals);
      this.#cells.write(slot, out);
    }
  }
}

/** How many moments are at or before a time. */
function indexAfter(moments: readonly Moment[], timeMs: number): number {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (moments[middle]!.timeMs <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
