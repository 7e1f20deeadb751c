import type { EncoderOptions } from '@millrace/avro';
import { ContractError } from '../errors.ts';
import { agree, type Agreement } from '../registry/agree.ts';
import type { SchemaInput } from '../typed-schema.ts';
import { FramedEncoder } from './framed-encoder.ts';

export interface ValueWriter<Row = unknown> {
  /** The schema's id in the registry. */
  readonly id: number;
  /** The row, checked and framed, in a buffer of its own. @throws ContractError */
  write(row: Row): Buffer;
}

export interface WriterOptions<Row> extends Omit<Agreement, 'schema'>, EncoderOptions {
  readonly schema: SchemaInput<Row>;
}

/**
 * A writer of one subject's values, once the registry has agreed to their schema.
 *
 * @throws SchemasError SCHEMAS_NOT_REGISTERED, SCHEMAS_INCOMPATIBLE; RegistryError
 */
export async function createWriter<Row = Record<string, unknown>>(
  options: WriterOptions<Row>,
): Promise<ValueWriter<Row>> {
  const { schema, subject, unknownFields = 'refuse' } = options;
  const id = await agree(options);
  const framed = new FramedEncoder({ id, schema, part: 'value', unknownFields });
  return {
    id,
    write(row) {
      const end = framed.encode(row);
      if (end < 0) throw new ContractError({ topic: subject, faults: framed.faults(row) });
      return Buffer.from(framed.bytes.subarray(0, end));
    },
  };
}
