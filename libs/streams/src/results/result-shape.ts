import { compileExpression } from '../definition/compile-expression.ts';
import type { Compiled, Row } from '../definition/compile-expression.ts';
import type { WindowedView } from '../definition/pipeline-definition.ts';
import type { GroupKeyCodec } from '../tasks/group-key.ts';

/** What a view makes of the engine's results: key columns by name, computed columns, and whether a window counts at all. */
export class ResultShape {
  readonly #by: readonly string[];
  readonly #codec: GroupKeyCodec;
  readonly #computed: readonly { readonly name: string; readonly value: Compiled }[];
  readonly #having: Compiled | undefined;

  constructor(view: WindowedView, codec: GroupKeyCodec) {
    this.#by = view.by ?? [];
    this.#codec = codec;
    this.#computed = Object.entries(view.compute ?? {}).map(([name, expression]) => ({
      name,
      value: compileExpression(expression),
    }));
    this.#having = view.having === undefined ? undefined : compileExpression(view.having);
  }

  /** A result of the engine as a row of the view, computed columns included; a new object. */
  rowOf({ key, ...rest }: Row): Row {
    const values = this.#codec.decode(key as string);
    const row: Row = {};
    for (let at = 0; at < this.#by.length; at++) row[this.#by[at]!] = values[at];
    Object.assign(row, rest);
    for (const { name, value } of this.#computed) row[name] = value(row);
    return row;
  }

  /** Puts the computed columns of a row into the engine's result that it was made of. */
  complete(result: Row, row: Row): void {
    for (const { name } of this.#computed) result[name] = row[name];
  }

  /** Whether the window of this row gives a result. */
  holds(row: Row): boolean {
    return this.#having === undefined || this.#having(row) === true;
  }
}
