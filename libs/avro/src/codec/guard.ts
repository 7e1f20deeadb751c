import type { Schema } from '../schema.ts';
import { compileGuard, type Run } from './compile.ts';
import { failure } from './cursor.ts';
import { DEFAULT_PAYLOAD_LIMITS, type GuardLimits } from './limits.ts';
import { AvroPayloadError, payloadFault } from './payload-error.ts';

export type Guard = (bytes: Uint8Array, start?: number, end?: number) => void;

/**
 * A check of payloads against `schema` in one pass over `[start, end)` that allocates nothing: limits, lengths, UTF-8,
 * booleans, indexes, numbers and trailing bytes. An `avsc` type is guarded by
 * `guard(parseSchema(type.schema({ exportAttrs: true })))`. What passes, other Avro libraries decode to the same value.
 *
 * @throws AvroPayloadError from the guard, with code, path and byte position
 */
export function guard(schema: Schema, limits: Partial<GuardLimits> = {}): Guard {
  const run: Run = compileGuard(schema, { ...DEFAULT_PAYLOAD_LIMITS, ...limits });
  return (bytes, start = 0, end = bytes.length) => {
    if (run(bytes, start, end) === 0) return;
    throw new AvroPayloadError(payloadFault(failure.code, failure.path, failure.position - start));
  };
}
