import type { Column } from '../aggregates/aggregate.ts';
import { Block } from '../aggregates/aggregate.ts';
import type { CompiledAggregates } from '../aggregates/compile.ts';
import type { Inputs } from '../aggregates/inputs.ts';
import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';

/** The aggregate states of many cells, side by side: cell `slot` is entry `slot` of each column. */
export class Cells {
  readonly columns: readonly Column[];
  readonly #block: Block;
  #capacity: number;

  constructor(aggregates: CompiledAggregates, capacity = 8) {
    this.#block = new Block(aggregates.stride, capacity);
    this.columns = aggregates.columns(this.#block);
    this.#capacity = capacity;
    for (const column of this.columns) column.open?.(0, capacity);
  }

  get memoryBytes(): number {
    return this.#block.data.byteLength;
  }

  /** Makes sure that `slot` exists; new cells are empty. */
  reserve(slot: number): void {
    if (slot < this.#capacity) return;
    const from = this.#capacity;
    this.#capacity = Math.max(slot + 1, from * 2);
    this.#block.grow(this.#capacity);
    for (const column of this.columns) column.open?.(from, this.#capacity);
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
