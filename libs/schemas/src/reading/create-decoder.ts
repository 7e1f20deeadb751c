import { decoder, type Decoder as PayloadDecoder, type GuardLimits } from '@millrace/avro';
import { SchemasError, type RegistryError } from '../errors.ts';
import { frameId, FRAME_BYTES } from '../framing.ts';
import type { Registry } from '../registry/registry.ts';
import { toSchema, type SchemaInput } from '../typed-schema.ts';
import { NOT_FRAMED } from './create-reader.ts';
import { SchemasById } from './schemas-by-id.ts';

export interface DecoderOptions<Value> {
  readonly registry: Registry;
  /** What to read payloads as; each writer's own schema if absent. */
  readonly schema?: SchemaInput<Value>;
  readonly limits?: Partial<GuardLimits>;
  readonly onWaiting?: (error: RegistryError) => void;
}

export interface FramedDecoder<Value = unknown> {
  /** A new value; waits for the registry where the schema is new. @throws AvroPayloadError, SchemasError */
  decode(bytes: Uint8Array): Promise<Value>;
  /** The same without waiting: undefined where the schema is not known yet. @throws AvroPayloadError, SchemasError */
  tryDecode(bytes: Uint8Array): Value | undefined;
}

/** A decoder of framed payloads to plain objects, for everything that is not a hot path. */
export function createDecoder<Value = unknown>(options: DecoderOptions<Value>): FramedDecoder<Value> {
  const reader = options.schema === undefined ? undefined : toSchema(options.schema);
  const schemas = new SchemasById<PayloadDecoder<Value>>({
    registry: options.registry,
    prepare: (writer) => decoder<Value>({ writer, reader: reader ?? writer, limits: options.limits ?? {} }),
    ...(options.onWaiting && { onWaiting: options.onWaiting }),
  });

  const tryDecode = (bytes: Uint8Array) => {
    const id = frameId(bytes, 0, bytes.length);
    if (id < 0) throw new SchemasError('SCHEMAS_NOT_AVRO', NOT_FRAMED.message);
    const known = schemas.get(id);
    if (known === undefined) return undefined;
    if (known.fault !== undefined) throw new SchemasError(known.fault.code, known.fault.message);
    return { value: known.entry.decode(bytes, FRAME_BYTES) };
  };

  return {
    tryDecode: (bytes) => tryDecode(bytes)?.value,
    async decode(bytes) {
      const at = tryDecode(bytes);
      if (at !== undefined) return at.value;
      const id = frameId(bytes, 0, bytes.length);
      for (;;) {
        await schemas.ask(id);
        const now = tryDecode(bytes);
        if (now !== undefined) return now.value;
      }
    },
  };
}
