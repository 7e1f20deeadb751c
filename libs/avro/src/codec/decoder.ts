import type { RecordSchema, Schema } from '../schema.ts';
import { compileRow, compileValue, type Compiled, type Run } from './compile.ts';
import { failure } from './cursor.ts';
import { DEFAULT_PAYLOAD_LIMITS, type GuardLimits } from './limits.ts';
import { ValueFault } from './logical-values.ts';
import { AvroPayloadError, payloadFault, type PayloadFault } from './payload-error.ts';
import { resolve, rootPath } from './resolution.ts';
import type { TextCache } from './text-cache.ts';

export interface DecoderOptions {
  /** What the bytes were written with. */
  readonly writer: Schema;
  /** What they are read as; the writer's schema if absent. */
  readonly reader?: Schema;
  /** The reader's fields to read; all if absent. Other fields are checked and skipped. */
  readonly fields?: readonly string[];
  readonly limits?: Partial<GuardLimits>;
}

export interface Decoder<Value = unknown> {
  /** A new value. @throws AvroPayloadError */
  decode(bytes: Uint8Array, start?: number, end?: number): Value;
}

/**
 * A decoder that checks a payload as `guard` does, in the same pass, before it makes anything of it.
 *
 * @throws AvroResolutionError where `reader` cannot read what `writer` writes
 */
export function decoder<Value = unknown>(options: DecoderOptions): Decoder<Value> {
  const { writer, reader = writer, fields } = options;
  const plan = resolve(writer, reader, fields);
  const limits = { ...DEFAULT_PAYLOAD_LIMITS, ...options.limits };
  const compiled: Compiled = compileValue(writer, plan, limits, rootPath(reader));
  return {
    decode(bytes, start = 0, end = bytes.length) {
      if (attempt(compiled.run, bytes, start, end) < 0) throw new AvroPayloadError(lastFault(start));
      const { value } = compiled.out;
      compiled.out.value = undefined;
      return value as Value;
    },
  };
}

export interface RowDecoderOptions extends DecoderOptions {
  /** What remembers the texts of string fields, by the reader's name, for those who want to know their numbers. */
  readonly texts?: ReadonlyMap<string, TextCache>;
}

export interface RowDecoder {
  /** 0, or −1 and the row as it was: see `fault`. */
  read(bytes: Uint8Array, start: number, end: number): 0 | -1;
  /** Why the last `read` that gave −1 did; valid until the next. */
  fault(start: number): PayloadFault;
}

/**
 * Like `decoder`, but overwrites `row`, which must have been made by `newRow` of the same reader and fields: no object
 * per payload. The reader and the writer must be records.
 *
 * @throws AvroResolutionError where `reader` cannot read what `writer` writes
 */
export function rowDecoder(row: Record<string, unknown>, options: RowDecoderOptions): RowDecoder {
  const { writer, reader = writer, fields, texts } = options;
  const plan = resolve(writer, reader, fields);
  if (plan.kind !== 'record') throw new TypeError(`rows are read from records; ${rootPath(writer)} is none`);
  const limits = { ...DEFAULT_PAYLOAD_LIMITS, ...options.limits };
  const run = compileRow(writer as RecordSchema, plan, limits, { row, texts });
  return {
    read: (bytes, start, end) => attempt(run, bytes, start, end),
    fault: (start) => lastFault(start),
  };
}

function attempt(run: Run, bytes: Uint8Array, start: number, end: number): 0 | -1 {
  try {
    return run(bytes, start, end);
  } catch (error) {
    if (!(error instanceof ValueFault)) throw error;
    failure.code = error.code;
    failure.path = '(value)';
    failure.position = start;
    return -1;
  }
}

function lastFault(start: number): PayloadFault {
  return payloadFault(failure.code, failure.path, failure.position - start);
}
