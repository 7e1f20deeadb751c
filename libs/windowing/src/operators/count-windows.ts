import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { growFloat64 } from '../state/grow.ts';
import type { Key } from '../state/key-table.ts';
import type { CountWindow } from '../windows/window.ts';
import { Cells } from './cells.ts';
import { KeyGroups } from './key-groups.ts';
import { Operator } from './operator.ts';
import type { OperatorSinks, OptionsFor, ReadFilter, RestoreMode } from './operator-options.ts';
import type { WriteChunk } from './pane-state.ts';
import type { ResultState, ResultVisitor } from './result.ts';
import { readKey } from './state-form.ts';

/** Each `size` events of a key in order of arrival, numbered from 0 (`index`). A key's number is kept for ever. */
export class CountWindows<Row> extends Operator<Row> {
  readonly #size: number;
  readonly #cells: Cells;
  readonly #cell: { cells: Cells; slot: number };
  readonly #groups: KeyGroups;
  /** Events so far, by key. */
  #events = new Float64Array(64);
  /** Keys seen: their numbers are 0 … #known − 1, none being ever dropped. */
  #known = 0;
  #updated = new Set<number>();

  constructor(options: OptionsFor<Row, CountWindow>, sinks: OperatorSinks<Row>) {
    super(options, sinks);
    this.#size = options.window.size;
    this.#cells = new Cells(this.aggregates);
    this.#cell = { cells: this.#cells, slot: 0 };
    this.#groups = new KeyGroups({
      keys: this.keys,
      definition: this.definition,
      writeState: (keyId, out) => {
        out.varint(this.#events[keyId]!);
        this.#cells.write(keyId, out);
      },
    });
  }

  /** Windows that have begun and are not full. */
  get windowCount(): number {
    let open = 0;
    for (let id = 0; id < this.#known; id++) if (this.#events[id]! % this.#size !== 0) open++;
    return open;
  }

  protected place(key: Key, timeMs: number): boolean {
    const keyId = this.#slotOf(key);
    this.#cells.add(keyId, this.aggregates.inputs, timeMs);
    this.accepted++;
    if (this.trackChanges) this.#groups.mark(keyId);
    const events = ++this.#events[keyId]!;
    const { mode, everyEvents } = this.plan;
    if (events % this.#size === 0) {
      this.#emit(keyId, 'final');
      this.#cells.clear(keyId);
      this.#updated.delete(keyId);
    } else if (everyEvents > 0) {
      if ((events % this.#size) % everyEvents === 0) this.#emit(keyId, 'filling');
    } else if (mode !== 'onClose') {
      this.#updated.add(keyId);
    }
    return true;
  }

  protected closeDue(): boolean {
    return true;
  }

  drainUpdates(): void {
    for (const keyId of this.#updated) this.#emit(keyId, 'filling');
    this.#updated.clear();
  }

  read(filter: ReadFilter, visit: ResultVisitor): void {
    for (let keyId = 0; keyId < this.#known; keyId++) {
      const key = this.keys.keyOf(keyId);
      if (this.#events[keyId]! % this.#size === 0 || (filter.key ?? key) !== key) continue;
      this.#cell.slot = keyId;
      this.emitter.show(keyId, this.#cell, {
        frame: this.#frame(keyId, 'filling'),
        watermark: this.watermark,
        visit,
      });
    }
  }

  buckets(): number[] {
    return this.#groups.of(this.#ids());
  }

  drainChanges(write: WriteChunk): void {
    this.#groups.drain(write);
  }

  snapshotBucket(bucket: number, write: WriteChunk, where?: (key: Key) => boolean): void {
    this.#groups.writeGroup(bucket, { ids: this.#ids(), where, write });
  }

  protected restoreChunk(input: ByteReader, _mode: RestoreMode): void {
    while (!input.done) {
      const keyId = this.#slotOf(readKey(input));
      this.#events[keyId] = input.varint();
      this.#cells.clear(keyId);
      this.#cells.read(keyId, input);
    }
  }

  protected writeNotes(out: ByteWriter): void {
    out.varint(0);
  }

  protected restoreNotes(): void {
    // Time plays no part.
  }

  #slotOf(key: Key): number {
    const known = this.keys.find(key);
    if (known >= 0) return known;
    const keyId = this.keys.intern(key);
    this.keys.retain(keyId);
    this.#known++;
    if (keyId >= this.#events.length) this.#events = growFloat64(this.#events, keyId * 2);
    this.#cells.reserve(keyId);
    return keyId;
  }

  #emit(keyId: number, state: ResultState): void {
    this.#cell.slot = keyId;
    this.emitter.emit(keyId, this.#cell, this.#frame(keyId, state), this.watermark);
  }

  #frame(keyId: number, state: ResultState) {
    const index = Math.ceil(this.#events[keyId]! / this.#size) - 1;
    return { start: -Infinity, end: Infinity, state, revision: 0, index };
  }

  #ids(): number[] {
    return Array.from({ length: this.#known }, (_, keyId) => keyId);
  }
}
