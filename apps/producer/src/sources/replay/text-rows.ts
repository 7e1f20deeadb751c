import { open } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { ReplayError } from './errors.ts';
import type { FileRows, PlacedRow } from './file-rows.ts';
import { type FileRow, RowFault } from './row-to-event.ts';

/** Read at once; also bounds what is sent in one transaction. */
const CHUNK_BYTES = 64 * 1024;
/** A longer line is taken for several, so that a file without line ends cannot fill the memory. */
const MAX_LINE_BYTES = 1024 * 1024;

interface Line {
  readonly bytes: Buffer;
  readonly line: number;
  readonly next: number;
}

type Parsed = PlacedRow['row'];

const broken = (what: string): RowFault => new RowFault('REPLAY_ROW_INVALID', what);

/** A file with one JSON object in each line; empty lines are passed over. */
export function jsonlRows(path: string): FileRows {
  return {
    async *read(after) {
      for await (const lines of readLines(path, after)) yield placed(lines, lines.map(parseObject));
    },
  };
}

/**
 * A CSV file with a header. A row is a line: a quoted value cannot go over several, so that one quote too many spoils its own
 * line and no other.
 */
export function csvRows(path: string, delimiter: string): FileRows {
  return {
    async *read(after) {
      const header = await readHeader(path, delimiter);
      for await (const lines of readLines(path, after ?? { next: header.next, line: 1 }))
        yield placed(lines, parseLines(lines, { header: header.names, delimiter }));
    },
  };
}

function placed(lines: readonly Line[], rows: readonly Parsed[]): PlacedRow[] {
  return lines
    .map(({ bytes, line, next }, at) => ({ line, next, original: bytes, row: rows[at]! }))
    .filter(({ original }) => original.length > 0);
}

function parseObject({ bytes }: Line): Parsed {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as FileRow;
    return broken('is no JSON object');
  } catch (error) {
    return broken(`is no JSON: ${(error as Error).message}`);
  }
}

async function readHeader(path: string, delimiter: string) {
  for await (const [first] of readLines(path)) {
    if (first === undefined) continue;
    const names = parseCells(first.bytes.toString('utf8').replace(/^\uFEFF/, ''), delimiter);
    if (typeof names === 'string') throw new ReplayError('REPLAY_FILE', `${path}: its header ${names}`);
    return { names: names.map((name) => name.trim()), next: first.next };
  }
  throw new ReplayError('REPLAY_FILE', `${path} is empty; its first line must name the columns`);
}

/** All lines in one go; one by one where a line of them is broken. */
function parseLines(lines: readonly Line[], as: { header: readonly string[]; delimiter: string }): Parsed[] {
  const texts = lines.map(({ bytes }) => bytes.toString('utf8'));
  const options = { delimiter: as.delimiter, relax_column_count: true, skip_empty_lines: false };
  try {
    const all: string[][] = parse(texts.join('\n'), options);
    if (all.length === lines.length) return all.map((cells) => toRow(cells, as.header));
  } catch {
    // Below it is found which line it was.
  }
  return texts.map((text) => {
    const cells = parseCells(text, as.delimiter);
    return typeof cells === 'string' ? broken(cells) : toRow(cells, as.header);
  });
}

/** The cells of one line, or what is wrong with it. */
function parseCells(text: string, delimiter: string): string[] | string {
  try {
    const rows: string[][] = parse(text, { delimiter, relax_column_count: true });
    return rows[0] ?? [];
  } catch (error) {
    return `is no CSV: ${(error as Error).message}`;
  }
}

function toRow(cells: readonly string[], header: readonly string[]): Parsed {
  if (cells.length !== header.length)
    return broken(`has ${cells.length} values, and the header names ${header.length} columns`);
  return Object.fromEntries(header.map((name, at) => [name, cells[at]]));
}

async function* readLines(path: string, after = { next: 0, line: 0 }): AsyncGenerator<readonly Line[]> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new ReplayError('REPLAY_FILE', `${path}: ${(cause as Error).message}`, { cause });
  });
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let { next, line } = after;
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, next + rest.length);
      const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
      const lines: Line[] = [];
      let start = 0;
      while (start < bytes.length) {
        const end = lineEnd(bytes, start, bytesRead === 0);
        if (end === undefined) break;
        next += end.next - start;
        lines.push({ bytes: bytes.subarray(start, end.at), line: ++line, next });
        start = end.next;
      }
      rest = bytes.subarray(start);
      if (lines.length > 0) yield lines;
      if (bytesRead === 0) return;
    }
  } finally {
    await file.close();
  }
}

/** Where the line from `start` on ends and the next begins; undefined where its end has not been read yet. */
function lineEnd(bytes: Buffer, start: number, isLast: boolean): { at: number; next: number } | undefined {
  const newline = bytes.indexOf(10, start);
  if (newline >= 0)
    return { at: newline > start && bytes[newline - 1] === 13 ? newline - 1 : newline, next: newline + 1 };
  if (!isLast && bytes.length - start < MAX_LINE_BYTES) return undefined;
  return { at: bytes.length, next: bytes.length };
}
