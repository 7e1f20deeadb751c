import type { AvroRecord } from '../definition/avro-types.ts';
import type { Row } from '../definition/compile-expression.ts';

/** Decodes the values of one source topic, field by field, into one row that is used again for each record. */
export interface ValueReader {
  readonly row: Row;
  /** 0: `row` holds the record · 1: its schema is not known yet, `resolve()` and read again · 2: refused, see `fault`. */
  read(bytes: Buffer, start: number, end: number): 0 | 1 | 2;
  readonly fault: { readonly code: string; readonly message: string } | undefined;
  /** Tells a number for the text that a string field had in the last `read`: small, mostly the same one for the same text, 0 for none. */
  textOf?(field: string): { readonly number: number };
  /** Fetches the schema that the last `read` lacked; fulfilled also when it does not exist, the next `read` then refuses. */
  resolve(): Promise<void>;
}

/** What the runtime needs to know of Avro and registries. `@millrace/schemas` has both. */
export interface Serdes {
  /** `fields` are the top-level fields that are needed; the reader may leave out the others. */
  reader(request: {
    readonly topic: string;
    readonly schema: AvroRecord;
    readonly fields: readonly string[];
  }): ValueReader;
  /** The registry's id of a results topic's value schema (subject `<topic>-value`), registered when it is new. */
  schemaId(request: {
    readonly topic: string;
    readonly schema: AvroRecord;
    readonly kind: 'value';
  }): Promise<number>;
}

/** Structured log events of a running pipeline, for logs and tests; `level` says how bad it is. */
export interface PipelineEvent {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Stable, e.g. `waiting-for-broker`, `joined`, `restored`, `recovering`. */
  readonly event: string;
  readonly message: string;
  readonly [detail: string]: unknown;
}

export type OnEvent = (event: PipelineEvent) => void;
