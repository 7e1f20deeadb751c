import { readFile, stat } from 'node:fs/promises';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { ReplayError } from './errors.ts';
import type { FileRows, PlacedRow } from './file-rows.ts';
import { type FileRow, RowFault } from './row-to-event.ts';

/** A JSON document is read as a whole; above this it should be JSON lines. */
const MAX_JSON_BYTES = 256 * 1024 * 1024;
/** Rows handed on, and of Parquet decoded, at once. */
const BATCH_ROWS = 1000;

/** A file with one JSON array of objects. */
export function jsonRows(path: string): FileRows {
  return {
    async *read(after = { next: 0, line: 0 }) {
      const all = await readArray(path);
      for (let start = after.next; start < all.length; start += BATCH_ROWS)
        yield all.slice(start, start + BATCH_ROWS).map((value, at) => placed(value, start + at));
    },
  };
}

/** A Parquet file, in any of its usual compressions. */
export function parquetRows(path: string): FileRows {
  return {
    async *read(after = { next: 0, line: 0 }) {
      const file = await asyncBufferFromFile(path).catch(refuse(path));
      const metadata = await parquetMetadataAsync(file).catch(refuse(path));
      const count = Number(metadata.num_rows);
      const inflate = (with_: (bytes: Uint8Array) => Uint8Array) => (bytes: Uint8Array) => with_(bytes);
      const compressors = {
        ZSTD: inflate(zstdDecompressSync),
        GZIP: inflate(gunzipSync),
        BROTLI: inflate(brotliDecompressSync),
      };
      for (let start = after.next; start < count; start += BATCH_ROWS) {
        const rowEnd = Math.min(count, start + BATCH_ROWS);
        const rows = await parquetReadObjects({ file, metadata, compressors, rowStart: start, rowEnd }).catch(
          refuse(path),
        );
        yield rows.map((row, at) => placed(row, start + at));
      }
    },
  };
}

async function readArray(path: string): Promise<unknown[]> {
  const { size } = await stat(path).catch(refuse(path));
  if (size > MAX_JSON_BYTES)
    throw new ReplayError(
      'REPLAY_FILE',
      `${path} has ${size} bytes, and a JSON document may have ${MAX_JSON_BYTES}; write it as JSON lines (.jsonl)`,
    );
  const text = await readFile(path, 'utf8').catch(refuse(path));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ReplayError('REPLAY_FILE', `${path} is no JSON: ${(cause as Error).message}`, { cause });
  }
  if (!Array.isArray(value)) throw new ReplayError('REPLAY_FILE', `${path} holds no JSON array of objects`);
  return value;
}

function placed(value: unknown, at: number): PlacedRow {
  const isRow = typeof value === 'object' && value !== null && !Array.isArray(value);
  const original = Buffer.from(
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? Number(inner) : inner)),
  );
  return {
    line: at + 1,
    next: at + 1,
    original,
    row: isRow ? (value as FileRow) : new RowFault('REPLAY_ROW_INVALID', 'is no object'),
  };
}

const refuse =
  (path: string) =>
  (cause: unknown): never => {
    throw new ReplayError('REPLAY_FILE', `${path}: ${(cause as Error).message}`, { cause });
  };
