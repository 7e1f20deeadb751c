import { RecordBatchError } from '../errors.ts';

/** The codecs of the record batch format, in the order of their numbers in a batch's attributes. */
export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

export type Codec = (typeof CODECS)[number];

/**
 * The codec with this number.
 *
 * @throws RecordBatchError `RECORD_BATCH_COMPRESSION` for 5, 6 and 7, which are not defined
 */
export function codecOf(number: number): Codec {
  const codec = CODECS[number];
  if (codec !== undefined) return codec;
  throw new RecordBatchError(
    'RECORD_BATCH_COMPRESSION',
    `Compression codec ${number} is not defined; known are ${CODECS.map((name, index) => `${index} ${name}`).join(', ')}.`,
  );
}
