import type { Row } from '../definition/compile-expression.ts';
import type { ProcessDefinition } from '../definition/pipeline-definition.ts';
import type { AnyOwnCode, ProcessContext } from '../own-code/own-code.ts';
import { fitsRecord } from '../own-code/fits-avro.ts';
import type { Fits } from '../own-code/fits-avro.ts';
import type { Reason } from '../tasks/set-aside.ts';
import type { JoinSide } from './join-side.ts';
import type { ReadingView, RowSteps, RowTarget } from './view-steps.ts';
import type { SetCurrentAside } from './window-target.ts';

export interface ProcessStepsOptions {
  readonly name: string;
  readonly process: ProcessDefinition;
  readonly code: AnyOwnCode;
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
  readonly #options: ProcessStepsOptions;
  readonly #code: Code;
  readonly #fits: Fits;
  readonly #names: readonly string[];

  constructor(options: ProcessStepsOptions) {
    const { name, code, process } = options;
    this.view = name;
    this.#options = options;
    this.#code = code as Code;
    this.#fits = fitsRecord(process.returns.fields);
    this.#names = process.returns.fields.map((field) => field.name);
  }

  run(row: Row, timeMs: number): void {
    const made = this.#made(row, timeMs);
    for (const out of made) this.#give(out, timeMs);
    // What gave no row moves event time all the same, as a row that is filtered out does.
    if (made.length === 0 && this.#options.watermarks === 'events') this.passed(timeMs);
  }

  /** The rows that come of one. */
  #made(row: Row, timeMs: number): readonly Row[] {
    try {
      // A copy: the reader's row is used again for the next record, and others read it too.
      const returned = this.#code({ ...row }, { timeMs });
      if (returned == null) return nothing;
      const all: readonly unknown[] = Array.isArray(returned) ? returned : [returned];
      const made: Row[] = [];
      for (const one of all) {
        const problem = this.#fits(one);
        if (problem !== undefined) return this.#refuse('STREAMS_OWN_CODE_VALUE', `returned what ${problem}`);
        const out = { ...row };
        for (const name of this.#names) out[name] = (one as Row)[name] ?? null;
        made.push(out);
      }
      return made;
    } catch (error) {
      // Looking at what it returned may fail too: there may be getters in it.
      return this.#refuse('STREAMS_OWN_CODE_THREW', `threw: ${textOf(error)}`);
    }
  }

  #refuse(code: string, problem: string): readonly Row[] {
    const { name, process, aside } = this.#options;
    const reason: Reason = { code, reason: `own code "${process.export}" ${problem}`, process: name };
    aside('deadLetter', reason);
    return nothing;
  }

  #give(row: Row, timeMs: number): void {
    for (const { steps, target } of this.#options.readers) steps.run(row, timeMs, target);
    for (const side of this.#options.sides) side.run(row, timeMs);
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

const nothing: readonly Row[] = [];

/** Longer messages would make a dead letter's headers larger than its record. */
const maxReasonLength = 500;

function textOf(error: unknown): string {
  try {
    return String(error).slice(0, maxReasonLength);
  } catch {
    return 'something that has no text';
  }
}
