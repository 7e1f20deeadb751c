import type { Row } from '../definition/compile-expression.ts';
import { AvroWriter } from './avro-writer.ts';
import type { WriteValue } from './results-encoder.ts';

/** Columns whose values are mostly those of the row before (a window's bounds, state, watermark): encoded when they change. */
export class RepeatedColumns {
  readonly #columns: readonly { readonly name: string; readonly write: WriteValue }[];
  readonly #last: unknown[];
  readonly #bytes = new AvroWriter();

  constructor(columns: readonly { readonly name: string; readonly write: WriteValue }[]) {
    this.#columns = columns;
    // Equal to no value, undefined included.
    this.#last = columns.map(() => this);
  }

  write(into: AvroWriter, row: Row): void {
    const columns = this.#columns;
    const last = this.#last;
    for (let at = 0; at < columns.length; at++)
      if (last[at] !== row[columns[at]!.name]) {
        this.#encode(row);
        break;
      }
    into.copy(this.#bytes);
  }

  #encode(row: Row): void {
    this.#bytes.reset();
    this.#columns.forEach(({ name, write }, at) => {
      this.#last[at] = row[name];
      write(this.#bytes, row[name]);
    });
  }
}
