import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { copyValue, readValue, writeValue } from '../bytes/plain-value.ts';
import type { Key } from '../state/key-table.ts';
import { KeyedState } from './keyed-state.ts';
import type { TimedOptions } from './timed-operator.ts';
import { TimedOperator } from './timed-operator.ts';

interface Held {
  readonly dueMs: number;
  readonly row: unknown;
}

/**
 * Holds results that may still be replaced or taken back, and lets each go once: the newest, when the watermark is past the time
 * from which nothing changes it any more. Results of one key are told apart by a number. Rows are kept as JSON.
 */
export class Settling<Row> extends TimedOperator<Row, Map<number, Held>> {
  protected readonly keyed: KeyedState<Map<number, Held>>;
  readonly #onSettled: (row: Row) => void;

  constructor(
    options: Pick<TimedOptions, 'partitions' | 'trackChanges' | 'overflow'>,
    onSettled: (row: Row) => void,
  ) {
    super({ ...options, watermarks: 'explicit' });
    this.#onSettled = onSettled;
    this.keyed = new KeyedState({
      definition: ['settling'],
      ...this.surroundings,
      write: writeResults,
      read: (key, input) => this.#readResults(key, input),
    });
  }

  /** Holds a result until the watermark is past `dueMs`; it takes the place of the one with the same number. */
  put(key: Key, id: number, held: { readonly dueMs: number; readonly row: Row }): void {
    let results = this.keyed.states.get(key);
    if (results === undefined) this.keyed.states.set(key, (results = new Map<number, Held>()));
    results.set(id, { dueMs: held.dueMs, row: copyValue(held.row) });
    this.keyed.mark(key);
    this.setTimer(held.dueMs, key);
  }

  /** Takes a result back; nothing happens when there is none. */
  remove(key: Key, id: number): void {
    const results = this.keyed.states.get(key);
    if (results === undefined || !results.delete(id)) return;
    if (results.size === 0) this.keyed.states.delete(key);
    this.keyed.mark(key);
  }

  protected due(key: Key): void {
    for (const [id, { dueMs, row }] of this.keyed.states.get(key) ?? []) {
      if (dueMs >= this.watermark) continue;
      this.remove(key, id);
      this.#onSettled(row as Row);
    }
  }

  #readResults(key: Key, input: ByteReader): Map<number, Held> {
    const results = new Map<number, Held>();
    for (let left = input.count(3); left > 0; left--) {
      const id = input.number();
      const dueMs = input.number();
      results.set(id, { dueMs, row: readValue(input) });
      this.setTimer(dueMs, key);
    }
    return results;
  }
}

function writeResults(results: Map<number, Held>, out: ByteWriter): void {
  out.varint(results.size);
  for (const [id, { dueMs, row }] of results) {
    out.number(id);
    out.number(dueMs);
    writeValue(out, row);
  }
}
