/** Values to framed bytes in a buffer that is used again and again. */
import { encoder, type Encoder, type EncoderOptions } from '@millrace/avro';
import type { ContractFault } from '../errors.ts';
import { FRAME_BYTES, putFrame } from '../framing.ts';
import { toSchema, type SchemaInput } from '../typed-schema.ts';

/** What brokers take by default, key and framing included. */
const MAX_BYTES = 1_048_576;
const INITIAL_BYTES = 4_096;

export class FramedEncoder {
  /** The last encoded value is at `[0, end)`, until the next call. */
  bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  readonly part: 'key' | 'value';
  readonly #id: number;
  readonly #encoder: Encoder;

  constructor({ id, schema, part, ...options }: FramedEncoderOptions) {
    this.part = part;
    this.#id = id;
    this.#encoder = encoder(toSchema(schema), options);
  }

  /** Where the value ended in `bytes`; −1 when it is not one of the schema, or too large. */
  encode(value: unknown): number {
    for (;;) {
      const end = this.#encoder.encode(value, this.bytes, putFrame(this.bytes, 0, this.#id));
      if (end >= FRAME_BYTES) return end <= MAX_BYTES ? end : -1;
      if (end === -2 || this.bytes.length >= 4 * MAX_BYTES) return -1;
      this.bytes = Buffer.allocUnsafeSlow(this.bytes.length * 4);
    }
  }

  /** Why `encode` gave −1. */
  faults(value: unknown): readonly ContractFault[] {
    const { part } = this;
    const faults = this.#encoder.faults(value).map((fault) => ({ ...fault, part }));
    if (faults.length > 0) return faults;
    return [{ part, path: '(whole)', rule: 'size', fix: `it is larger than ${MAX_BYTES} bytes; send less` }];
  }
}

export interface FramedEncoderOptions extends EncoderOptions {
  readonly id: number;
  readonly schema: SchemaInput;
  readonly part: 'key' | 'value';
}
