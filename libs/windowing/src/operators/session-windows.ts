import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { shown } from '../errors.ts';
import type { Key } from '../state/key-table.ts';
import { MAX_TIME_MS } from '../time.ts';
import type { SessionWindow } from '../windows/window.ts';
import { Cells } from './cells.ts';
import { KeyGroups } from './key-groups.ts';
import { Operator } from './operator.ts';
import type { OperatorSinks, OptionsFor, ReadFilter, RestoreMode } from './operator-options.ts';
import type { WriteChunk } from './pane-state.ts';
import type { ResultState, ResultVisitor } from './result.ts';
import type { ColdSessions } from './cold-sessions.ts';
import { CLOSED, EMITTED, SessionTable, UPDATED } from './session-table.ts';
import type { Session } from './session-table.ts';
import { readKey } from './state-form.ts';

/** The arrays of fewer sessions are not worth giving back. */
const RESET_LEAST = 1024;

/** Sessions: `[first, last + gap)`, an event at exactly the end belonging to it; closed when the watermark is past the end. */
export class SessionWindows<Row> extends Operator<Row> {
  readonly #table: SessionTable;
  readonly #groups: KeyGroups;
  readonly #gapMs: number;
  /** The numeric input that holds an event's own gap, −1 when the gap is fixed. */
  readonly #gapInput: number;
  readonly #scratch: Cells;
  readonly #cell: { cells: Cells; slot: number };
  readonly #cold: ColdSessions | undefined;
  #updated: number[] = [];
  #pending: number[] = [];

  constructor(options: OptionsFor<Row, SessionWindow>, sinks: OperatorSinks<Row>) {
    super(options, sinks);
    const { gapMs } = options.window;
    this.#gapMs = typeof gapMs === 'number' ? gapMs : 0;
    this.#gapInput = typeof gapMs === 'number' ? -1 : this.aggregates.inputs.number(gapMs);
    this.#table = new SessionTable(this.aggregates, this.keys);
    this.#scratch = new Cells(this.aggregates, 1);
    this.#cell = { cells: this.#table.cells, slot: 0 };
    this.#groups = new KeyGroups({
      keys: this.keys,
      definition: this.definition,
      writeState: (keyId, out) => this.#writeKey(keyId, out),
    });
    const { overflow } = options;
    if (overflow === undefined) return;
    const { keys, aggregates, definition, graceMs } = this;
    this.#cold = overflow.sessions({
      ...{ overflow, keys, aggregates, definition, graceMs, table: this.#table, groups: this.#groups },
      writeState: (keyId, out) => this.#writeKey(keyId, out),
      restore: (input) => this.#restore(input, 'replace'),
      reset: () => this.#reset(0),
    });
  }

  get windowCount(): number {
    return this.#table.size + (this.#cold?.windowCount ?? 0);
  }

  override get overflowed(): ColdSessions | undefined {
    return this.#cold;
  }

  protected place(key: Key, timeMs: number, row: Row, partition: number): boolean {
    let gapMs = this.#gapMs;
    if (this.#gapInput >= 0) {
      gapMs = this.aggregates.inputs.numbers[this.#gapInput]!;
      if (!(gapMs >= 0 && gapMs <= MAX_TIME_MS && Number.isInteger(gapMs))) {
        const message = `The gap of this event is ${shown(gapMs)}; give whole milliseconds, at least 0.`;
        this.gate.reject({ code: 'WINDOWING_SIZE_INVALID', message, key, timeMs, row, partition });
        return false;
      }
    }
    const end = timeMs + gapMs;
    this.#cold?.meet(key);
    const found = this.keys.find(key);
    let slot = this.#join(found, timeMs, end);
    if (slot < 0) {
      const watermark = this.watermarks.combined;
      if (end + this.graceMs < watermark) {
        this.emitter.late({ key, timeMs, row, partition }, { start: timeMs, end }, watermark);
        return true;
      }
      slot = this.#open(found < 0 ? this.keys.intern(key) : found, timeMs, end);
    }
    this.#table.cells.add(slot, this.aggregates.inputs, timeMs);
    this.accepted++;
    this.#changed(slot);
    return true;
  }

  protected closeDue(most: number): boolean {
    while (most === Infinity && this.#cold?.bringDue(this.watermarks.combined)) this.#closeDue(most);
    return this.#closeDue(most);
  }

  #closeDue(most: number): boolean {
    const table = this.#table;
    const { timers } = table;
    const watermark = this.watermarks.combined;
    let left = most;
    while (timers.due < watermark) {
      const due = timers.due;
      const slot = timers.pop();
      if (table.timerAt[slot] !== due) continue;
      table.timerAt[slot] = NaN;
      const end = table.ends[slot]!;
      if ((table.flags[slot]! & CLOSED) === 0) {
        if (end >= watermark) {
          table.setTimer(slot, end);
          continue;
        }
        if (left-- <= 0) {
          table.setTimer(slot, due);
          return false;
        }
        this.#emitFinal(slot);
      }
      if (end + this.graceMs < watermark) this.#forget(slot);
      else table.setTimer(slot, end + this.graceMs);
    }
    if (table.size === 0) this.#reset(RESET_LEAST);
    return true;
  }

  drainUpdates(): void {
    this.drain();
    const updated = this.#updated;
    this.#updated = [];
    for (const slot of updated) {
      if ((this.#table.flags[slot]! & UPDATED) === 0) continue;
      this.#table.flags[slot]! &= ~UPDATED;
      if ((this.#table.flags[slot]! & CLOSED) !== 0) this.#emitFinal(slot);
      else this.#emit(slot, 'filling', 0);
    }
  }

  read(filter: ReadFilter, visit: ResultVisitor): void {
    const { key, fromMs = -Infinity, toMs = Infinity } = filter;
    const only = key === undefined ? undefined : this.keys.find(key);
    const table = this.#table;
    const show = (key: Key, session: Session, cell: { cells: Cells; slot: number }): void => {
      const { start, end, flags, finals } = session;
      if (end <= fromMs || start >= toMs) return;
      const revision = Math.max(0, finals - 1);
      const state: ResultState = (flags & CLOSED) === 0 ? 'filling' : revision > 0 ? 'revised' : 'final';
      this.emitter.showKey(key, cell, {
        frame: { start, end, state, revision },
        watermark: this.watermark,
        visit,
      });
    };
    for (const slot of table.slots()) {
      if (only !== undefined && table.keyIds[slot] !== only) continue;
      this.#cell.slot = slot;
      show(this.keys.keyOf(table.keyIds[slot]!), table.sessionAt(slot), this.#cell);
    }
    this.#cold?.read(key, show);
  }

  buckets(): number[] {
    return [...new Set([...this.#groups.of(this.#keyIds()), ...(this.#cold?.buckets ?? [])])];
  }

  drainChanges(write: WriteChunk): void {
    this.drain();
    this.#groups.drain(this.#cold?.measured(this.#groups.changed, write) ?? write);
  }

  snapshotBucket(bucket: number, write: WriteChunk, where?: (key: Key) => boolean): void {
    this.#groups.writeGroup(bucket, { ids: this.#keyIds(), where, write });
    this.#cold?.writeGroup(bucket, where, write);
  }

  protected restoreChunk(input: ByteReader, mode: RestoreMode): void {
    this.#restore(input, mode);
    this.#cold?.restored();
  }

  #restore(input: ByteReader, mode: RestoreMode): void {
    const table = this.#table;
    while (!input.done) {
      const key = readKey(input);
      this.#cold?.meet(key);
      const keyId = this.keys.intern(key);
      this.keys.retain(keyId);
      if (mode === 'replace') while (table.head(keyId) >= 0) table.remove(table.head(keyId));
      for (let left = input.count(4); left > 0; left--) {
        const start = input.number();
        const end = start + input.number();
        const flags = input.byte();
        const finals = input.varint();
        this.#scratch.clear(0);
        this.#scratch.read(0, input);
        const joined = mode === 'merge' ? this.#join(keyId, start, end) : -1;
        const slot = joined >= 0 ? joined : table.create(keyId, start, end);
        table.cells.merge(slot, this.#scratch, 0);
        table.finals[slot] = Math.max(table.finals[slot]!, finals);
        if (joined >= 0) continue;
        table.flags[slot] = flags;
        if ((flags & UPDATED) !== 0) this.#updated.push(slot);
        table.setTimer(slot, (flags & CLOSED) === 0 ? end : end + this.graceMs);
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

  /** The session that holds `[start, end]`, made of all live ones that touch it and grown to it; −1 when there is none. */
  #join(keyId: number, start: number, end: number): number {
    const table = this.#table;
    const oldest = this.watermarks.combined - this.graceMs;
    let joined = -1;
    for (let slot = table.head(keyId); slot >= 0;) {
      const after = table.next[slot]!;
      const touches = start <= table.ends[slot]! && end >= table.starts[slot]!;
      if (touches && table.ends[slot]! >= oldest) {
        if (joined < 0) joined = this.#touched(slot);
        else this.#absorb(joined, this.#touched(slot));
      }
      slot = after;
    }
    if (joined >= 0) this.#setBounds(joined, start, end);
    return joined;
  }

  /** Hands out the final result of a session whose turn to close has not come, before it changes. */
  #touched(slot: number): number {
    const table = this.#table;
    if (table.ends[slot]! < this.watermarks.combined && (table.flags[slot]! & CLOSED) === 0) {
      this.#emitFinal(slot);
      table.setTimer(slot, table.ends[slot]! + this.graceMs);
    }
    return slot;
  }

  #absorb(slot: number, other: number): void {
    const table = this.#table;
    this.#takeBack(other);
    table.cells.merge(slot, table.cells, other);
    table.finals[slot] = Math.max(table.finals[slot]!, table.finals[other]!);
    this.#setBounds(slot, table.starts[other]!, table.ends[other]!);
    table.remove(other);
  }

  #setBounds(slot: number, start: number, end: number): void {
    const table = this.#table;
    if (start >= table.starts[slot]! && end <= table.ends[slot]!) return;
    this.#takeBack(slot);
    if (start < table.starts[slot]!) table.starts[slot] = start;
    if (end > table.ends[slot]!) table.ends[slot] = end;
    if ((table.flags[slot]! & CLOSED) !== 0 && table.ends[slot]! >= this.watermarks.combined) {
      table.flags[slot]! &= ~CLOSED;
      table.setTimer(slot, table.ends[slot]!);
    }
  }

  #open(keyId: number, start: number, end: number): number {
    const table = this.#table;
    const slot = table.create(keyId, start, end);
    // Not before: the key may have had no session for a while, and would be dropped.
    this.keys.sweep(2);
    if (end < this.watermarks.combined) {
      // Within grace, its window has closed without it: what comes is a revision.
      table.flags[slot] = CLOSED;
      table.finals[slot] = 1;
      table.setTimer(slot, end + this.graceMs);
    } else {
      table.setTimer(slot, end);
    }
    return slot;
  }

  /** After an event was counted: results that are due at once, and what is to be noted. */
  #changed(slot: number): void {
    const table = this.#table;
    if (this.trackChanges) this.#groups.mark(table.keyIds[slot]!);
    const { mode, everyEvents } = this.plan;
    const closed = (table.flags[slot]! & CLOSED) !== 0;
    if (closed && mode !== 'onUpdate') {
      this.#emitFinal(slot);
    } else if (mode !== 'onClose' && everyEvents === 0) {
      if ((table.flags[slot]! & UPDATED) === 0) this.#updated.push(slot);
      table.flags[slot]! |= UPDATED;
    } else if (everyEvents > 0) {
      this.#pending[slot] = (this.#pending[slot] ?? 0) + 1;
      if (this.#pending[slot]! < everyEvents) return;
      this.#pending[slot] = 0;
      this.#emit(slot, 'filling', 0);
    }
  }

  #emitFinal(slot: number): void {
    const table = this.#table;
    const revision = table.finals[slot]!++;
    table.flags[slot] = (table.flags[slot]! | CLOSED) & ~UPDATED;
    this.#emit(slot, revision === 0 ? 'final' : 'revised', revision);
    if (this.trackChanges) this.#groups.mark(table.keyIds[slot]!);
  }

  #emit(slot: number, state: ResultState, revision: number): void {
    const table = this.#table;
    if (state !== 'retracted') table.flags[slot]! |= EMITTED;
    this.#cell.slot = slot;
    const frame = { start: table.starts[slot]!, end: table.ends[slot]!, state, revision };
    this.emitter.emit(table.keyIds[slot]!, this.#cell, frame, this.watermarks.combined);
  }

  /** Retracts the result that is out, before the session's bounds change. */
  #takeBack(slot: number): void {
    const table = this.#table;
    if ((table.flags[slot]! & EMITTED) === 0) return;
    table.flags[slot]! &= ~EMITTED;
    this.#emit(slot, 'retracted', Math.max(0, table.finals[slot]! - 1));
  }

  #forget(slot: number): void {
    const keyId = this.#table.keyIds[slot]!;
    if ((this.#table.flags[slot]! & UPDATED) !== 0) this.#emitFinal(slot);
    if (this.trackChanges) this.#groups.mark(keyId);
    // Writing beyond its end would make the array a hash table.
    if (slot < this.#pending.length) this.#pending[slot] = 0;
    this.#table.remove(slot);
    this.keys.rotate();
    this.keys.sweep(2);
  }

  /** Gives the memory of sessions back when none is left. */
  #reset(least: number): void {
    this.#updated = [];
    this.#pending = [];
    this.#table.reset(least);
    this.#cell.cells = this.#table.cells;
    // Keys that wait to be written to the changelog must keep their names.
    if (!this.trackChanges) this.keys.clear();
  }

  #keyIds(): Iterable<number> {
    return new Set(this.#table.slots().map((slot) => this.#table.keyIds[slot]!));
  }

  #writeKey(keyId: number, out: ByteWriter): void {
    const table = this.#table;
    const slots: number[] = [];
    for (let slot = table.head(keyId); slot >= 0; slot = table.next[slot]!) slots.unshift(slot);
    out.varint(slots.length);
    for (const slot of slots) {
      out.number(table.starts[slot]!);
      out.number(table.ends[slot]! - table.starts[slot]!);
      out.byte(table.flags[slot]!);
      out.varint(table.finals[slot]!);
      table.cells.write(slot, out);
    }
  }
}
