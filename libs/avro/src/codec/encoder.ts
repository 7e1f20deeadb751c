import type { Schema } from '../schema.ts';
import { cursor } from './cursor.ts';
import { DEFAULT_PAYLOAD_LIMITS } from './limits.ts';
import { INVALID } from './put.ts';
import { rootPath } from './resolution.ts';
import { sharedRecords, Source } from './source.ts';
import { valueFaults, type ValueFaultReport } from './value-faults.ts';
import { write } from './write.ts';

export interface EncoderOptions {
  /** What to do with a field that the schema does not have; refused by default, as it would be lost unnoticed. */
  readonly unknownFields?: 'refuse' | 'ignore';
  /** Levels of recursive types; a value that contains itself is refused by it. */
  readonly maxDepth?: number;
}

export interface Encoder<Value = unknown> {
  /**
   * Writes a value into `bytes` at `position`. Returns the position behind it; −1 when `bytes` is too small (up to
   * 10 bytes or three per character are needed for a moment), −2 when
   * the value is not one of the schema (see `faults`). What was written by then means nothing.
   */
  encode(value: Value, bytes: Uint8Array, position: number): number;
  /** Why `encode` gave −2: at least one fault, at most 20. Empty for a value that is right. */
  faults(value: unknown): readonly ValueFaultReport[];
}

const MAX_DEFAULT_BYTES = DEFAULT_PAYLOAD_LIMITS.maxBytes;

type Write = (value: unknown, bytes: Uint8Array, position: number) => number;

/** An encoder that checks every value as it writes it; a missing field takes its default. */
export function encoder<Value = unknown>(schema: Schema, options: EncoderOptions = {}): Encoder<Value> {
  const { unknownFields = 'refuse', maxDepth = DEFAULT_PAYLOAD_LIMITS.maxDepth } = options;
  const refuseUnknown = unknownFields === 'refuse';
  const run = compileWrite(schema, { maxDepth, refuseUnknown });
  return {
    encode(value, bytes, position) {
      cursor.depth = 0;
      return run(value, bytes, position);
    },
    faults: (value) => valueFaults(schema, value, { refuseUnknown, maxDepth, path: rootPath(schema) }),
  };
}

function compileWrite(schema: Schema, options: { maxDepth: number; refuseUnknown: boolean }): Write {
  const source = new Source();
  const context = { source, shared: sharedRecords(schema), ...options, encodeDefault };
  source.add(`function run(v, B, p) { ${write(context, schema, 'v')}\nreturn p; }`);
  return source.compile<Write>('run');

  function encodeDefault(type: Schema, value: unknown): () => Uint8Array {
    let bytes: Uint8Array | undefined;
    return () => (bytes ??= encodeOnce(compileWrite(type, { ...options, refuseUnknown: false }), value));
  }
}

function encodeOnce(run: Write, value: unknown): Uint8Array {
  for (let size = 64; ; size *= 4) {
    const bytes = new Uint8Array(size);
    const end = run(value, bytes, 0);
    if (end >= 0) return bytes.slice(0, end);
    if (end === INVALID) throw new TypeError('a default is not a value of its type');
    if (size > MAX_DEFAULT_BYTES) throw new RangeError('a default is larger than a payload may be');
  }
}
