import type { Row } from '../definition/compile-expression.ts';
import { stateColumns } from '../definition/view-columns.ts';
import { AvroWriter } from './avro-writer.ts';
import type { WriteColumn } from './write-column.ts';

/** Columns that the results of one window share, mostly. */
export const frameColumns: ReadonlySet<string> = new Set([
  'windowStart',
  'windowEnd',
  ...stateColumns.map(({ name }) => name),
]);

/** Tells whether a row has the frame (a window's bounds, its state, the watermark) of the row before. */
export class FrameWatch {
  /** Equal to no value, undefined included. */
  #windowStart: unknown = this;
  #windowEnd: unknown = this;
  #state: unknown = this;
  #revision: unknown = this;
  #watermark: unknown = this;

  isNew(row: Row): boolean {
    const { windowStart, windowEnd, state, revision, watermark } = row;
    if (
      windowStart === this.#windowStart &&
      watermark === this.#watermark &&
      state === this.#state &&
      revision === this.#revision &&
      windowEnd === this.#windowEnd
    )
      return false;
    this.#windowStart = windowStart;
    this.#windowEnd = windowEnd;
    this.#state = state;
    this.#revision = revision;
    this.#watermark = watermark;
    return true;
  }
}

/** Neighbouring columns of the frame, kept as bytes. */
export class FrameColumns {
  readonly bytes = new AvroWriter();
  readonly #columns: readonly { readonly name: string; readonly write: WriteColumn }[];

  constructor(columns: readonly { readonly name: string; readonly write: WriteColumn }[]) {
    this.#columns = columns;
  }

  encode(row: Row): void {
    this.bytes.reset();
    for (const { name, write } of this.#columns) write(this.bytes, row[name]);
  }
}
