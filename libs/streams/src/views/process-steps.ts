import type { Row } from '../definition/compile-expression.ts';
import type { ProcessDefinition } from '../definition/pipeline-definition.ts';
import type { AnyOwnCode, ProcessContext } from '../own-code/own-code.ts';
import { givenRow } from '../own-code/given-row.ts';
import { ReturnedRows } from '../own-code/returned-rows.ts';
import type { JoinSide } from './join-side.ts';
import type { ReadingView, RowSteps, RowTarget } from './view-steps.ts';
import type { SetCurrentAside } from './window-target.ts';

export interface ProcessOptions<Code> {
  readonly name: string;
  readonly process: ProcessDefinition;
  readonly code: Code;
  /** The views and processes that read what comes out, and the sides of joins that do. */
  readonly readers: readonly ReadingView[];
  readonly sides: readonly JoinSide[];
  /** `explicit`: rows do not move event time, only `passed` does. */
  readonly watermarks: 'events' | 'explicit';
  readonly aside: SetCurrentAside;
}

type Code = (row: Row, context: ProcessContext) => unknown;

/**
 * Runs own code on each row, once, and gives what comes of it to all who read it. A row that the code fails on, or for which it
 * returns something else than it declared, goes to the dead letter, and none of what was made of it goes on.
 */
export class ProcessSteps implements RowSteps, RowTarget {
  readonly view: string;
  readonly #options: ProcessOptions<AnyOwnCode>;
  readonly #code: Code;
  readonly #given: (row: Row) => Row;
  readonly #returned: ReturnedRows;

  constructor(options: ProcessOptions<AnyOwnCode>) {
    const { name, code, process } = options;
    this.view = name;
    this.#options = options;
    this.#code = code as Code;
    this.#given = givenRow(process.reads);
    this.#returned = new ReturnedRows(name, process);
  }

  run(row: Row, timeMs: number): void {
    const { readers, sides, watermarks, aside } = this.#options;
    const made = this.#returned.of(() => this.#code(this.#given(row), { timeMs }), row);
    if ('reason' in made) aside('deadLetter', made.reason);
    else if (made.rows.length > 0) {
      for (const out of made.rows) {
        for (const { steps, target } of readers) steps.run(out, timeMs, target);
        for (const side of sides) side.run(out, timeMs);
      }
      return;
    }
    // What gave no row moves event time all the same, as a row that is filtered out does.
    if (watermarks === 'events') this.passed(timeMs);
  }

  passed(timeMs: number): void {
    for (const { target } of this.#options.readers) target.passed(timeMs);
    for (const side of this.#options.sides) side.passed(timeMs);
  }

  row(): void {
    throw new TypeError('own code takes rows as they are, before they are grouped');
  }

  keyless(): void {
    // Keys are the readers' matter.
  }
}
