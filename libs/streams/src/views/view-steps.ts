import { compileExpression } from '../definition/compile-expression.ts';
import type { Compiled, Row } from '../definition/compile-expression.ts';
import type { PipelineDefinition, ViewDefinition } from '../definition/pipeline-definition.ts';
import { fieldsNeeded } from '../definition/needed-fields.ts';
import { viewScope } from '../definition/view-scope.ts';
import { groupKeyCodec } from '../tasks/group-key.ts';
import type { GroupKeyCodec } from '../tasks/group-key.ts';

/** Where the rows of a view go once its steps are done. */
export interface RowTarget {
  /** A row with its group key; `hint`: see `Operator.add` of @millrace/windowing. */
  row(key: string, timeMs: number, row: Row, hint?: number): void;
  /** A record that gave no row (any more): event time goes on all the same. */
  passed(timeMs: number): void;
  /** A row without a key. */
  keyless(timeMs: number): void;
}

/** What happens to a row of a source, join or view before it is counted. */
export interface RowSteps {
  /** The string field of the row that is the group key as it is: what numbers its texts gives hints. */
  readonly keyField?: string | undefined;
  run(row: Row, timeMs: number, target: RowTarget, hint?: number): void;
}

/** A view or process with what happens to a row before it. */
export interface ReadingView {
  readonly steps: RowSteps;
  readonly target: RowTarget;
}

/** Flatten, derive, filter, group: what happens to a record before its view's windows. */
export class ViewSteps implements RowSteps {
  readonly codec: GroupKeyCodec;
  readonly keyField: string | undefined;
  readonly #flatten: string | undefined;
  readonly #derived: readonly { readonly name: string; readonly value: Compiled }[];
  readonly #where: Compiled | undefined;
  readonly #needed: readonly string[];

  constructor(definition: PipelineDefinition, view: ViewDefinition) {
    const scope = viewScope(definition, view);
    this.codec = groupKeyCodec((view.by ?? []).map((name) => ({ name, type: scope.get(name)!.type })));
    const [key, ...others] = view.by ?? [];
    const isKeyItself =
      key !== undefined &&
      others.length === 0 &&
      scope.get(key)!.type === 'string' &&
      view.derive?.[key] === undefined &&
      view.flatten === undefined;
    this.keyField = isKeyItself ? key : undefined;
    this.#flatten = view.flatten;
    this.#derived = Object.entries(view.derive ?? {}).map(([name, expression]) => ({
      name,
      value: compileExpression(expression),
    }));
    this.#where = view.where === undefined ? undefined : compileExpression(view.where);
    this.#needed = fieldsNeeded(view);
  }

  run(row: Row, timeMs: number, target: RowTarget, hint?: number): void {
    if (this.#flatten === undefined) {
      this.#one(this.#derived.length === 0 ? row : this.#copy(row), timeMs, target, hint);
      return;
    }
    const elements = row[this.#flatten];
    if (!Array.isArray(elements) || elements.length === 0) {
      target.passed(timeMs);
      return;
    }
    for (const element of elements) this.#one({ ...this.#copy(row), ...(element as Row) }, timeMs, target);
  }

  /** The reader's row is shared by all views and must not be written to. */
  #copy(row: Row): Row {
    const copy: Row = {};
    for (const name of this.#needed) copy[name] = row[name];
    return copy;
  }

  #one(row: Row, timeMs: number, target: RowTarget, hint?: number): void {
    for (const { name, value } of this.#derived) row[name] = value(row);
    if (this.#where !== undefined && this.#where(row) !== true) {
      target.passed(timeMs);
      return;
    }
    const key = this.codec.encode(row);
    if (key === undefined) target.keyless(timeMs);
    else target.row(key, timeMs, row, hint);
  }
}
