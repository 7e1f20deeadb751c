import { RECORDS } from './batch-layout.ts';
import type { BatchHeader } from './batch-header.ts';
import { BatchWriter } from './batch-writer.ts';
import { RecordBatchError } from './errors.ts';
import { readVarint, readVarlong, varintEnd } from './varint.ts';

export type ControlType = 'abort' | 'commit';

export interface ControlBatch {
  readonly type: ControlType;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly timestampMs: number;
  readonly baseOffset?: number;
}

const TYPES: readonly ControlType[] = ['abort', 'commit'];
const KEY_BYTES = 4;
const VALUE_BYTES = 6;

/**
 * The marker that ends a transaction: a batch with one control record.
 *
 * @see https://kafka.apache.org/documentation/#controlbatch
 */
export function controlBatch(marker: ControlBatch): Buffer {
  const key = Buffer.alloc(KEY_BYTES);
  key.writeInt16BE(TYPES.indexOf(marker.type), 2);
  const value = Buffer.alloc(VALUE_BYTES);
  value.writeInt32BE(marker.coordinatorEpoch, 2);
  const writer = new BatchWriter({ initialBytes: 128 });
  writer.append(marker.timestampMs, key, value);
  return writer.finish({
    producerId: marker.producerId,
    producerEpoch: marker.producerEpoch,
    transactional: true,
    control: true,
    baseOffset: marker.baseOffset ?? 0,
  });
}

/**
 * What the control batch says; `undefined` for types other than the two, which a consumer passes over.
 *
 * @throws RecordBatchError `RECORD_BATCH_MALFORMED` when it does not hold a control record
 */
export function readControlType(bytes: Buffer, header: BatchHeader): ControlType | undefined {
  const end = header.position + header.byteLength;
  readVarint(bytes, header.position + RECORDS);
  readVarlong(bytes, varintEnd + 1);
  readVarint(bytes, varintEnd);
  const keyLength = readVarint(bytes, varintEnd);
  if (header.compression !== 'none' || keyLength < KEY_BYTES || varintEnd + keyLength > end) {
    throw new RecordBatchError(
      'RECORD_BATCH_MALFORMED',
      `The control batch at offset ${header.baseOffset} does not hold a control record.`,
    );
  }
  return TYPES[bytes.readInt16BE(varintEnd + 2)];
}
