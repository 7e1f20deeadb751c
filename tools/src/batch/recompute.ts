import type { Lake, Row } from '@millrace/storage';
import {
  eventTimeOf,
  isWindowed,
  loadOwnCode,
  type PipelineDefinition,
  type SourceDefinition,
  viewTable,
} from '@millrace/streams';
import { testPipeline } from '@millrace/streams/testing';

const DAY_MS = 86_400_000;
/** Beyond every event: all windows close. */
const END_OF_TIME_MS = 8e15;

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Recomputed {
  readonly events: number;
  /** Final rows of the span by view. */
  readonly rows: ReadonlyMap<string, readonly Row[]>;
  /** Why events were set aside, and how many. */
  readonly setAside: ReadonlyMap<string, number>;
}

/**
 * Runs a pipeline's definition over the lake's events of a span of event time and gives the rows whose time is within it. Events
 * around the span are read as well where windows or joins reach over its ends, a day at most.
 */
export async function recompute(
  definition: PipelineDefinition,
  { lake, span, nowMs }: { lake: Lake; span: Span; nowMs: number },
): Promise<Recomputed> {
  const driver = testPipeline(definition, { ownCodes: await loadOwnCode(definition) });
  driver.advanceTime(nowMs);
  const marginMs = reachMs(definition);
  const around = { fromMs: span.fromMs - marginMs, toMs: span.toMs + marginMs };
  let events = 0;
  for (const [name, source] of Object.entries(definition.sources)) {
    for (const row of await eventsOf(lake, source, around)) {
      driver.pipe(name, row);
      events++;
    }
  }
  for (const name of Object.keys(definition.sources)) driver.advanceWatermark(name, END_OF_TIME_MS);
  const setAside = new Map<string, number>();
  for (const { code } of [...driver.late(), ...driver.rejected(), ...driver.deadLetters()])
    setAside.set(code, (setAside.get(code) ?? 0) + 1);
  const rows = new Map<string, readonly Row[]>();
  for (const view of Object.keys(definition.views))
    rows.set(view, lastOfEach(definition, view, driver.rows(view), span));
  return { events, rows, setAside };
}

/** How far outside the span events matter: tumbling windows that divide a day stay within it. */
function reachMs({ views, ...definition }: PipelineDefinition): number {
  const isWithin = (view: PipelineDefinition['views'][string]) =>
    definition.sources[view.from] !== undefined &&
    (!isWindowed(view) || (view.window.type === 'tumbling' && DAY_MS % view.window.sizeMs === 0));
  return Object.values(views).every(isWithin) ? 0 : DAY_MS;
}

/** The events of a topic by event time: in that order none is late. */
async function eventsOf(lake: Lake, source: SourceDefinition, { fromMs, toMs }: Span): Promise<Row[]> {
  const time = eventTimeOf(source)!;
  // What a file from before a field was added lacks, a reader of the topic gets by the schema's default.
  const defaults = Object.fromEntries(
    source.schema.fields.map((field) => [field.name, field.default ?? null]),
  );
  const events: Row[] = [];
  for (const file of await lake.files(source.topic)) {
    if (file.maxTimeMs < fromMs || file.minTimeMs >= toMs) continue;
    for (const row of await lake.rows(file.key)) {
      const timeMs = row[time] as number;
      if (timeMs >= fromMs && timeMs < toMs) events.push({ ...defaults, ...row });
    }
  }
  const order = [time, 'kafka_partition', 'kafka_offset'];
  const byOrder = (a: Row, b: Row) =>
    order.reduce((sign, name) => sign || (a[name] as number) - (b[name] as number), 0);
  return events.sort(byOrder);
}

function lastOfEach(
  definition: PipelineDefinition,
  view: string,
  results: readonly Row[],
  span: Span,
): Row[] {
  const table = viewTable(definition, view);
  const identity = table.time === undefined ? table.key : [...table.key, table.time];
  const last = new Map<string, Row>();
  for (const row of results) {
    const timeMs = table.time === undefined ? span.fromMs : (row[table.time] as number);
    if (timeMs < span.fromMs || timeMs >= span.toMs) continue;
    const key = JSON.stringify(identity.map((name) => row[name]));
    if (row['state'] === 'retracted') last.delete(key);
    else last.set(key, row);
  }
  return [...last.values()];
}
