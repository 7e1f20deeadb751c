import {
  ATTRIBUTES,
  BASE_OFFSET,
  CRC,
  LENGTH,
  LENGTH_END,
  LOG_APPEND_TIME,
  MAX_TIMESTAMP,
  PARTITION_LEADER_EPOCH,
} from './batch-layout.ts';
import { crc32c } from './crc32c.ts';
import { writeInt64 } from './int64.ts';

export interface Stamp {
  readonly baseOffset: number;
  readonly partitionLeaderEpoch: number;
  /** The broker's clock, for topics with `message.timestamp.type=LogAppendTime`. */
  readonly logAppendTimeMs?: number;
}

/**
 * Writes what a broker decides into the batch at `position`, in place. The CRC covers neither offset nor epoch and stays;
 * with `logAppendTimeMs`, which all records then carry, it is computed anew. The header must have been read before.
 */
export function stampBatch(bytes: Buffer, position: number, stamp: Stamp): void {
  writeInt64(bytes, position + BASE_OFFSET, stamp.baseOffset);
  bytes.writeInt32BE(stamp.partitionLeaderEpoch, position + PARTITION_LEADER_EPOCH);
  if (stamp.logAppendTimeMs === undefined) return;
  const attributes = bytes.readInt16BE(position + ATTRIBUTES);
  bytes.writeInt16BE(attributes | LOG_APPEND_TIME, position + ATTRIBUTES);
  writeInt64(bytes, position + MAX_TIMESTAMP, stamp.logAppendTimeMs);
  const end = position + LENGTH_END + bytes.readInt32BE(position + LENGTH);
  bytes.writeUInt32BE(crc32c(bytes, position + ATTRIBUTES, end), position + CRC);
}
