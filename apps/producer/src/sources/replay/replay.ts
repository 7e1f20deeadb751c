import { basename, extname, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { PipelineDefinition } from '@millrace/streams';
import type { FeedItem } from '../../feeds/feed.ts';
import type { Source, SourceBatch } from '../source.ts';
import { checkTime } from './check-times.ts';
import { jsonRows, parquetRows } from './document-rows.ts';
import { ReplayError } from './errors.ts';
import type { FileRows, PlacedRow } from './file-rows.ts';
import { type Mapping, readMapping } from './mapping.ts';
import { createPacer, type Sleep } from './pacer.ts';
import { type Pause, replayPause } from './pause.ts';
import { type FileRow, RowFault, type RowReader, rowReader } from './row-to-event.ts';
import { csvRows, jsonlRows } from './text-rows.ts';

const DAY_MS = 24 * 3_600_000;

export interface ReplayOptions {
  readonly path: string;
  /** A JSON file; see {@link readMapping}. */
  readonly mappingPath: string;
  readonly pipeline: PipelineDefinition;
  /** 1: with the gaps that the rows have; 60: a minute in a second; Infinity: as fast as possible. */
  readonly speed: number;
  /**
   * Moves all times by whole days, so that noon stays noon: the last row (at speed 1 the first) as near to now as it gets
   * without lying in the future.
   */
  readonly shiftToNow: boolean;
  readonly log?: (line: string) => void;
  readonly now?: () => number;
  readonly sleep?: Sleep;
  readonly pause?: Pause;
}

const sleepFor: Sleep = (ms, signal) => setTimeout(ms, undefined, { signal }).catch(() => undefined);

/**
 * Sends the rows of a CSV, JSON, JSON lines or Parquet file as events, with the gaps they have. A row that is broken, goes back in
 * time, lies in the future or cannot be true is refused with its line and the reason, and the next one goes on. The position
 * is kept with the rows: a new start goes on behind the last one sent, and after the end nothing more is sent.
 */
export function replay(options: ReplayOptions): Source<FeedItem> {
  const { path, speed, pipeline } = options;
  return {
    name: `replay:${pipeline.name}:${resolve(path)}`,
    description: `replaying ${path} ${speed === Infinity ? 'as fast as possible' : `at ${speed}×`}`,
    open: (position, signal) => play(options, position as Progress | undefined, signal),
  };
}

/** Where a replay stands: its position. */
type Progress = {
  readonly next: number;
  readonly line: number;
  readonly sent: number;
  readonly refused: number;
  /** The greatest time so far. */
  readonly maxTimeMs: number;
  readonly originMs: number;
  readonly shiftMs: number;
};

async function* play(
  options: ReplayOptions,
  position: Progress | undefined,
  signal: AbortSignal,
): AsyncIterable<SourceBatch<FeedItem>> {
  const { path, pipeline, speed, now = Date.now, sleep = sleepFor, pause = replayPause } = options;
  const { log = () => undefined } = options;
  const mapping = await readMapping(options.mappingPath, pipeline);
  const reader = rowReader(mapping, pipeline);
  const rows = rowsOf(path, mapping);
  let progress = position ?? (await begin({ ...options, rows, reader, mapping, now }));
  const pacer = createPacer({ speed, pause, now, sleep });
  const toItem = itemMaker({ name: basename(path), mapping, reader });

  for await (const batch of rows.read(position)) {
    const times = batch.map(({ row }) => timeOf(row, { reader, mapping, progress }));
    let due: FeedItem[] = [];
    for (const [at, placed] of batch.entries()) {
      const { item, timeMs } = toItem(placed, {
        time: times[at]!,
        around: {
          maxTimeMs: progress.maxTimeMs,
          nextMs: times.slice(at + 1, at + 4).find((time) => typeof time === 'number'),
          outOfOrderMs: mapping.outOfOrderMs,
          nowMs: now(),
        },
      });
      if (!pacer.isDue(timeMs)) {
        if (due.length > 0) yield { items: due, position: progress };
        due = [];
        await pacer.untilDue(timeMs, signal);
      }
      if (signal.aborted) return;
      due.push(item);
      progress = { ...progress, line: placed.line, next: placed.next, ...counted(progress, timeMs) };
    }
    if (due.length > 0) yield { items: due, position: progress };
  }
  log(`replay of ${path} is at its end: ${progress.sent} rows sent, ${progress.refused} refused`);
  while (!signal.aborted) await sleepFor(60_000, signal);
}

const counted = ({ sent, refused, maxTimeMs }: Progress, timeMs: number | undefined): Partial<Progress> =>
  timeMs === undefined
    ? { refused: refused + 1 }
    : { sent: sent + 1, maxTimeMs: Math.max(maxTimeMs, timeMs) };

/** Rows by what the file's name ends with. */
function rowsOf(path: string, { delimiter }: Mapping): FileRows {
  switch (extname(path).toLowerCase()) {
    case '.csv':
      return csvRows(path, delimiter);
    case '.jsonl':
    case '.ndjson':
      return jsonlRows(path);
    case '.json':
      return jsonRows(path);
    case '.parquet':
      return parquetRows(path);
    default:
      throw new ReplayError(
        'REPLAY_FILE',
        `${path} ends with none of .csv, .jsonl, .ndjson, .json, .parquet`,
      );
  }
}

interface Begin extends ReplayOptions {
  readonly rows: FileRows;
  readonly reader: RowReader;
  readonly mapping: Mapping;
  readonly now: () => number;
}

/** Where a replay stands before its first row: by how much its times are moved. */
async function begin({ rows, reader, mapping, speed, shiftToNow, now }: Begin): Promise<Progress> {
  let first: number | undefined;
  let last: number | undefined;
  for await (const batch of rows.read()) {
    for (const { row } of batch) {
      const time = row instanceof RowFault ? row : attempt(() => reader.time(row));
      if (typeof time !== 'number') continue;
      first ??= time;
      last = time; // in the order of the file: the greatest may be one broken clock
    }
    if (first !== undefined && (!shiftToNow || speed === 1)) break;
  }
  const originMs = first ?? 0;
  const anchorMs = speed === 1 ? originMs : originMs + ((last ?? 0) - originMs) * mapping.time.stretch;
  const shiftMs = shiftToNow ? Math.floor((now() - anchorMs) / DAY_MS) * DAY_MS : 0;
  const maxTimeMs = Number.MIN_SAFE_INTEGER; // JSON knows no −Infinity
  return { next: 0, line: 0, sent: 0, refused: 0, maxTimeMs, originMs, shiftMs };
}

interface TimeOf {
  readonly reader: RowReader;
  readonly mapping: Mapping;
  readonly progress: Progress;
}

/** A row's time, stretched and moved, or why it has none. */
function timeOf(row: PlacedRow['row'], { reader, mapping, progress }: TimeOf): number | RowFault {
  if (row instanceof RowFault) return row;
  const { originMs, shiftMs } = progress;
  return attempt(() => Math.round(originMs + (reader.time(row) - originMs) * mapping.time.stretch) + shiftMs);
}

interface ItemOf {
  readonly time: number | RowFault;
  readonly around: Parameters<typeof checkTime>[1];
}

function itemMaker({ name, mapping, reader }: { name: string; mapping: Mapping; reader: RowReader }) {
  return (placed: PlacedRow, { time, around }: ItemOf): { item: FeedItem; timeMs: number | undefined } => {
    const { line, original, row } = placed;
    const made = attempt(() => {
      if (typeof time !== 'number') throw time;
      checkTime(time, around);
      return reader.event(row as FileRow, time); // a row that is none has no time
    });
    if (made instanceof RowFault)
      return {
        item: { code: made.code, reason: `${name} line ${line}: ${made.message}`, original },
        timeMs: undefined,
      };
    const key = made[mapping.key];
    const item = { source: mapping.source, key: key == null ? null : String(key), value: made, original };
    return { item, timeMs: time as number };
  };
}

function attempt<T>(make: () => T): T | RowFault {
  try {
    return make();
  } catch (error) {
    if (error instanceof RowFault) return error;
    throw error;
  }
}
