import type { Row } from '../definition/compile-expression.ts';
import type { GroupKeyCodec } from '../tasks/group-key.ts';
import type { ResultSink } from '../results/result-writer.ts';
import type { TraceContext } from '../tracing/trace-context.ts';

/** A result with the trace context that it carries. */
export interface TracedRow {
  readonly row: Row;
  readonly trace: TraceContext | undefined;
}

export interface CollectedResultsOptions {
  readonly by: readonly string[];
  /** What a row of a view without windows consists of. */
  readonly columns: readonly string[] | undefined;
  readonly codec: GroupKeyCodec;
  /** As a result writer's. */
  readonly traceOf: (result: Row | undefined) => TraceContext | undefined;
}

/** Keeps results as plain rows, in the order in which they came. */
export class CollectedResults implements ResultSink {
  readonly #options: CollectedResultsOptions;
  readonly #rows: TracedRow[] = [];

  constructor(options: CollectedResultsOptions) {
    this.#options = options;
  }

  setNow(): void {
    // The clock stands still.
  }

  window(result: Row): void {
    this.#rows.push({ row: this.named(result), trace: this.#options.traceOf(result) });
  }

  row(_key: string, row: Row): void {
    const { by, columns = [], traceOf } = this.#options;
    const names = new Set([...by, ...columns]);
    this.#rows.push({
      row: Object.fromEntries([...names].map((name) => [name, row[name] ?? null])),
      trace: traceOf(undefined),
    });
  }

  /** An engine's result with its key columns by name. */
  named({ key, ...rest }: Row): Row {
    const { by, codec } = this.#options;
    const values = codec.decode(key as string);
    return structuredClone({ ...Object.fromEntries(by.map((name, at) => [name, values[at]])), ...rest });
  }

  take(): TracedRow[] {
    return this.#rows.splice(0);
  }
}
