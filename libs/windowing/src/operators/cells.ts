import type { Column } from '../aggregates/aggregate.ts';
import type { CompiledAggregates } from '../aggregates/compile.ts';
import type { Inputs } from '../aggregates/inputs.ts';
import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';

/** The aggregate states of many cells, as columns that grow together. */
export class Cells {
  readonly columns: readonly Column[];
  #capacity: number;

  constructor(aggregates: CompiledAggregates, capacity = 8) {
    this.columns = aggregates.columns(capacity);
    this.#capacity = capacity;
  }

  /** Makes sure that `slot` exists; new cells are empty. */
  reserve(slot: number): void {
    if (slot < this.#capacity) return;
    this.#capacity = Math.max(slot + 1, this.#capacity * 2);
    for (const column of this.columns) column.grow(this.#capacity);
  }

  add(slot: number, inputs: Inputs, timeMs: number): void {
    const columns = this.columns;
    for (let i = 0; i < columns.length; i++) columns[i]!.add(slot, inputs, timeMs);
  }

  merge(slot: number, from: Cells, fromSlot: number): void {
    const columns = this.columns;
    for (let i = 0; i < columns.length; i++) columns[i]!.merge(slot, from.columns[i]!, fromSlot);
  }

  clear(slot: number): void {
    for (const column of this.columns) column.clear(slot);
  }

  write(slot: number, out: ByteWriter): void {
    for (const column of this.columns) column.write(slot, out);
  }

  read(slot: number, input: ByteReader): void {
    for (const column of this.columns) column.read(slot, input);
  }
}
