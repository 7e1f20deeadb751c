import type { Row } from '../definition/compile-expression.ts';
import type { ProcessDefinition } from '../definition/pipeline-definition.ts';
import type { Reason } from '../tasks/set-aside.ts';
import { fitsRecord } from './fits-avro.ts';
import type { Fits } from './fits-avro.ts';

/** The rows that come of one call, or why there are none. */
export type Made = { readonly rows: readonly Row[] } | { readonly reason: Reason };

/** Calls own code and makes rows of what it returns: all of them, or none when one is not as declared. */
export class ReturnedRows {
  readonly #name: string;
  readonly #process: ProcessDefinition;
  readonly #fits: Fits;
  readonly #fields: readonly string[];

  constructor(name: string, process: ProcessDefinition) {
    this.#name = name;
    this.#process = process;
    this.#fits = fitsRecord(process.returns.fields);
    this.#fields = process.returns.fields.map((field) => field.name);
  }

  /** `beside`: the fields that stand beside the returned ones. */
  of(call: () => unknown, beside: Row): Made {
    try {
      const returned = call();
      if (returned == null) return { rows: nothing };
      const all: readonly unknown[] = Array.isArray(returned) ? returned : [returned];
      const rows: Row[] = [];
      for (const one of all) {
        const problem = this.#fits(one);
        if (problem !== undefined) return this.#refusal('STREAMS_OWN_CODE_VALUE', `returned what ${problem}`);
        const row = { ...beside };
        for (const field of this.#fields) row[field] = (one as Row)[field] ?? null;
        rows.push(row);
      }
      return { rows };
    } catch (error) {
      // Looking at what it returned may fail too: there may be getters in it.
      return this.#refusal('STREAMS_OWN_CODE_THREW', `threw: ${textOf(error)}`);
    }
  }

  #refusal(code: string, problem: string): Made {
    const reason = `own code "${this.#process.export}" ${problem}`;
    return { reason: { code, reason, process: this.#name } };
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
