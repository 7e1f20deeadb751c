import type { Row } from '../definition/compile-expression.ts';
import type { GroupKeyCodec } from '../tasks/group-key.ts';
import type { ResultSink } from '../results/result-writer.ts';

/** Keeps results as plain rows, in the order in which they came. */
export class CollectedResults implements ResultSink {
  readonly #by: readonly string[];
  readonly #columns: readonly string[] | undefined;
  readonly #codec: GroupKeyCodec;
  readonly #rows: Row[] = [];

  /** `columns`: what a row of a view without windows consists of. */
  constructor(by: readonly string[], columns: readonly string[] | undefined, codec: GroupKeyCodec) {
    this.#by = by;
    this.#columns = columns;
    this.#codec = codec;
  }

  setNow(): void {
    // The clock stands still.
  }

  window(result: Row): void {
    this.#rows.push(this.named(result));
  }

  row(_key: string, row: Row): void {
    const names = new Set([...this.#by, ...(this.#columns ?? [])]);
    this.#rows.push(Object.fromEntries([...names].map((name) => [name, row[name] ?? null])));
  }

  /** An engine's result with its key columns by name. */
  named({ key, ...rest }: Row): Row {
    const values = this.#codec.decode(key as string);
    return structuredClone({
      ...Object.fromEntries(this.#by.map((name, at) => [name, values[at]])),
      ...rest,
    });
  }

  take(): Row[] {
    return this.#rows.splice(0);
  }
}
