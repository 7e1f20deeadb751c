import { crc32 } from 'node:zlib';
import type { ColdRow } from '@millrace/windowing';

/** A row as it lies on disk. */
export interface StoredRow extends ColdRow {
  /** The checksum of its bytes, from its number on. */
  readonly crc: number;
}

export const rowChecksum = (id: number, bytes: Uint8Array): number => crc32(bytes, id >>> 0);

/** SQLite's pages have no checksums. @throws Error when the row is not as it was written */
export function checkedRow(row: StoredRow): StoredRow {
  if (rowChecksum(row.id, row.bytes) !== row.crc) throw new Error(`the checksum of row ${row.id} is wrong`);
  return row;
}
