import {
  newRow,
  rowDecoder,
  textCache,
  type GuardLimits,
  type RecordSchema,
  type RowDecoder,
  type TextCache,
} from '@millrace/avro';
import type { RegistryError } from '../errors.ts';
import { frameId, FRAME_BYTES } from '../framing.ts';
import type { Registry } from '../registry/registry.ts';
import { toSchema, type SchemaInput, type TypedSchema } from '../typed-schema.ts';
import { SchemasById } from './schemas-by-id.ts';

export interface ReaderFault {
  readonly code: string;
  readonly message: string;
}

/** Reads framed payloads, one after the other, into one row. */
export interface ValueReader<Row = Record<string, unknown>> {
  /** Overwritten by each successful `read`; only the projected fields. Copy what you keep. */
  readonly row: Row;
  /** 0: read. 1: the schema is not known yet; await `resolve()`, then read again. 2: refused; see `fault`. */
  read(bytes: Uint8Array, start: number, end: number): 0 | 1 | 2;
  /** Why the last `read` gave 2. */
  readonly fault: ReaderFault | undefined;
  /**
   * Tells a number for the text that a string field had in the last `read`: small, mostly the same one for the same text, 0 for none.
   * To be asked for before the first `read`.
   */
  textOf(field: keyof Row & string): { readonly number: number };
  /** Asks the registry for the id that the last `read` met, once per id (and minute, if it is unknown there). */
  resolve(): Promise<void>;
}

export interface ReaderOptions<Row> {
  readonly registry: Registry;
  /** The reader's schema: what writers wrote is brought into its form. A record. */
  readonly schema: TypedSchema<Row> | SchemaInput<Row>;
  /** Fields to read; the others are checked and skipped. */
  readonly fields?: readonly (keyof Row & string)[];
  readonly limits?: Partial<GuardLimits>;
  readonly nowMs?: () => number;
  /** Told each time the registry does not answer while a record waits. */
  readonly onWaiting?: (error: RegistryError) => void;
}

/**
 * A reader for a consumer's hot path: guarded, projected, schema-evolving, synchronous for every schema id met before.
 *
 * @throws AvroSchemaError for a schema that is none; RangeError for a field that it does not have
 */
export function createReader<Row = Record<string, unknown>>(options: ReaderOptions<Row>): ValueReader<Row> {
  const schema = toSchema(options.schema);
  if (schema.type !== 'record') throw new TypeError(`a reader reads records, not a ${schema.type}`);
  return new FramedReader<Row>(schema, options);
}

class FramedReader<Row> implements ValueReader<Row> {
  readonly row: Row;
  fault: ReaderFault | undefined;
  readonly #schemas: SchemasById<RowDecoder>;
  readonly #texts = new Map<string, TextCache>();
  #lastId = -1;
  #last: RowDecoder | undefined;
  #wanted = -1;

  constructor(reader: RecordSchema, options: ReaderOptions<Row>) {
    const { registry, fields, limits = {} } = options;
    const row = newRow(reader, fields);
    this.row = row as Row;
    this.#schemas = new SchemasById({
      registry,
      prepare: (writer) =>
        rowDecoder(row, { writer, reader, limits, texts: this.#texts, ...(fields && { fields }) }),
      ...(options.nowMs && { nowMs: options.nowMs }),
      ...(options.onWaiting && { onWaiting: options.onWaiting }),
    });
    // An unknown field is reported here, not at the first record.
    rowDecoder(newRow(reader, fields), { writer: reader, ...(fields && { fields }) });
  }

  read(bytes: Uint8Array, start: number, end: number): 0 | 1 | 2 {
    const id = start < 0 ? -1 : frameId(bytes, start, end);
    if (id !== this.#lastId || this.#last === undefined) {
      const result = this.#find(id);
      if (result !== 0) return result;
    }
    const decoder = this.#last as RowDecoder;
    if (decoder.read(bytes, start + FRAME_BYTES, end) === 0) return 0;
    this.fault = decoder.fault(start + FRAME_BYTES);
    return 2;
  }

  textOf(field: keyof Row & string): { readonly number: number } {
    const known = this.#texts.get(field) ?? textCache();
    this.#texts.set(field, known);
    return known;
  }

  resolve(): Promise<void> {
    return this.#wanted < 0 ? Promise.resolve() : this.#schemas.ask(this.#wanted);
  }

  #find(id: number): 0 | 1 | 2 {
    if (id < 0) {
      this.fault = NOT_FRAMED;
      return 2;
    }
    const known = this.#schemas.get(id);
    if (known === undefined) {
      this.#wanted = id;
      return 1;
    }
    if (known.fault !== undefined) {
      this.fault = known.fault;
      return 2;
    }
    this.#lastId = id;
    this.#last = known.entry;
    return 0;
  }
}

export const NOT_FRAMED: ReaderFault = {
  code: 'SCHEMAS_NOT_AVRO',
  message:
    'the bytes do not start with a zero byte and a four-byte schema id; the producer did not use the registry',
};
