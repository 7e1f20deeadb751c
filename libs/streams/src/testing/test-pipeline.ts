import type { Row } from '../definition/compile-expression.ts';
import { isWindowed } from '../definition/pipeline-definition.ts';
import type { PipelineDefinition } from '../definition/pipeline-definition.ts';
import { eventTimeOf } from '../definition/scope.ts';
import { checkDefinition } from '../definition/validate-definition.ts';
import { StreamsError } from '../errors.ts';
import type { ReadFilter, ViewTarget } from '../views/view-target.ts';
import type { Reason } from '../tasks/set-aside.ts';
import { ViewHost } from '../views/view-host.ts';
import type { HostPorts } from '../views/view-host.ts';
import type { OwnCodes } from '../own-code/own-code.ts';
import { GlobalTables } from '../state/global-tables.ts';
import { JoinHost } from '../views/join-host.ts';
import { TaskTraces } from '../tracing/task-traces.ts';
import { traceContext } from '../tracing/trace-context.ts';
import type { TraceContext } from '../tracing/trace-context.ts';
import { CollectedResults } from './collected-results.ts';
import type { TracedRow } from './collected-results.ts';

/** A record that could not be counted, with the reason. */
export interface SetAsideRecord extends Reason {
  readonly source: string;
  readonly row: Row;
}

export interface PipelineDriver {
  /** Counts one record of a source at once, as if it had been read from its topic; `trace` lies in its headers. */
  pipe(source: string, row: Row, trace?: Partial<TraceContext>): void;
  pipeAll(source: string, rows: Iterable<Row>): void;
  /** No record with a smaller event time is expected any more: closes windows. */
  advanceWatermark(source: string, watermarkMs: number): void;
  /** Moves the wall clock, which `maxFutureMs` is measured by; it starts at 0 and never moves by itself. */
  advanceTime(byMs: number): void;
  /** What a commit does for views with `emit: 'onUpdate'`: hands out the windows that changed. */
  commit(): void;
  /** The results of a view since the last call, in order; retractions have `state: 'retracted'`. */
  rows(view: string): Row[];
  /** The same with the trace context that each carries. */
  tracedRows(view: string): TracedRow[];
  /** The windows of a view that hold state. */
  open(view: string, filter?: ReadFilter): Row[];
  /** What was set aside since the last call. */
  late(): SetAsideRecord[];
  rejected(): SetAsideRecord[];
  deadLetters(): SetAsideRecord[];
  watermark(view: string): number;
}

export interface TestOptions {
  /** The functions of the pipeline's `processes`, by their names; `await loadOwnCode(definition)` gives them as a start does. */
  readonly ownCodes?: OwnCodes;
}

/** A view or join that reads a source. */
interface Reader {
  run(row: Row, timeMs: number): void;
  passed(timeMs: number): void;
}

/**
 * Runs a pipeline without a broker, on a clock that stands still: rows in, results out, at once. Each source is one partition.
 * Rows are taken as decoded; what a reader would refuse (bytes that are no Avro) cannot be tested here.
 * @throws DefinitionError, STREAMS_OWN_CODE
 */
export function testPipeline(
  definition: PipelineDefinition,
  { ownCodes = {} }: TestOptions = {},
): PipelineDriver {
  checkDefinition(definition);
  checkCodes(definition, ownCodes);
  let nowMs = 0;
  const aside = {
    late: [] as SetAsideRecord[],
    rejected: [] as SetAsideRecord[],
    deadLetter: [] as SetAsideRecord[],
  };
  const setAside: HostPorts['setAside'] = (to, source, row, reason) =>
    aside[to].push({ ...reason, source, row: { ...row } });
  const tables = new GlobalTables(definition);
  const host = new ViewHost(definition, { tables, ownCodes });
  const traces = new TaskTraces(definition);
  const results = new Map<string, CollectedResults>();
  for (const [name, view] of Object.entries(definition.views)) {
    const columns = isWindowed(view) ? undefined : view.columns;
    const { codec } = host.stepsOf(name);
    results.set(
      name,
      new CollectedResults({ by: view.by ?? [], columns, codec, traceOf: traces.finder(name) }),
    );
  }
  const current: Record<string, Row> = {};
  const ports: HostPorts = {
    traces,
    disk: undefined,
    results: (view) => results.get(view)!,
    partial: () => undefined,
    sides: (process, input) => joins.sidesReading(process, { watermarks: 'events', ...input }),
    setAside,
  };
  const joins: JoinHost = new JoinHost({ definition, host, traces, portsFor: () => ports });
  const targets = new Map<string, ViewTarget>();
  const sources = new Map<string, readonly Reader[]>();
  for (const [name, { outOfOrderMs = 0 }] of Object.entries(definition.sources)) {
    const input: Parameters<ViewHost['readers']>[1] = {
      outOfOrderMs,
      aside: (to, reason) => setAside(to, name, current[name]!, reason),
    };
    const hosted = host.readers(name, input, ports);
    const sides = joins.sidesReading(name, { ...input, watermarks: 'events' });
    const views = hosted.readers.map(({ steps, target }) => ({
      run: (row: Row, timeMs: number) => steps.run(row, timeMs, target),
      passed: (timeMs: number) => target.passed(timeMs),
    }));
    sources.set(name, [...views, ...sides]);
    for (const target of hosted.targets) targets.set(target.view, target);
  }
  for (const target of joins.targets) targets.set(target.view, target);
  const known = <T>(what: string, name: string, all: ReadonlyMap<string, T>, names = all.keys()): T => {
    const found = all.get(name);
    if (found === undefined) throw unknown(what, name, names);
    return found;
  };
  const targetOf = (view: string) => known('view', view, targets, results.keys());
  const taken = (view: string) => known('view', view, results).take();
  const readers = (source: string) => known('source', source, sources);
  const pipe: PipelineDriver['pipe'] = (source, row, trace) => {
    const table = tables.bySource.get(source);
    if (table !== undefined) {
      if (!table.put(null, row))
        setAside('rejected', source, row, {
          code: 'STREAMS_NULL_KEY',
          reason: 'a field that it is joined by is null',
        });
      return;
    }
    const reading = readers(source);
    const { maxFutureMs } = definition.sources[source]!;
    current[source] = row;
    const timeMs = row[eventTimeOf(definition.sources[source]!)!];
    if (typeof timeMs !== 'number' || !Number.isSafeInteger(timeMs))
      setAside('deadLetter', source, row, {
        code: 'STREAMS_EVENT_TIME',
        reason: 'the event time is missing or no whole number',
      });
    else if (maxFutureMs !== undefined && timeMs > nowMs + maxFutureMs)
      setAside('rejected', source, row, {
        code: 'STREAMS_FUTURE',
        reason: `the event time is more than maxFutureMs ${maxFutureMs} ahead of the clock`,
        timeMs,
      });
    else {
      traces.current = traceContext(trace?.traceparent, trace?.tracestate);
      for (const reader of reading) reader.run(row, timeMs);
    }
  };
  return {
    pipe,
    pipeAll: (source, rows) => {
      for (const row of rows) pipe(source, row);
    },
    // `passed` takes the event time that stands `outOfOrderMs` before the watermark.
    advanceWatermark: (source, watermarkMs) => {
      const { outOfOrderMs = 0 } = definition.sources[source] ?? {};
      for (const reader of readers(source)) reader.passed(watermarkMs + outOfOrderMs);
    },
    advanceTime: (byMs) => {
      nowMs += byMs;
    },
    commit: () => {
      for (const target of targets.values()) target.flush({ nowMs });
    },
    rows: (view) => taken(view).map(({ row }) => row),
    tracedRows: taken,
    open: (view, filter = {}) => {
      const rows: Row[] = [];
      targetOf(view).read((result) => rows.push(results.get(view)!.named(result)), filter);
      return rows;
    },
    late: () => aside.late.splice(0),
    rejected: () => aside.rejected.splice(0),
    deadLetters: () => aside.deadLetter.splice(0),
    watermark: (view) => targetOf(view).watermark,
  };
}

function checkCodes({ name: pipeline, processes = {} }: PipelineDefinition, codes: OwnCodes): void {
  for (const name of Object.keys(processes))
    if (codes[name] === undefined)
      throw new StreamsError(
        'STREAMS_OWN_CODE',
        `process "${name}" of pipeline "${pipeline}" has no code: give testPipeline(…, { ownCodes: { ${name}: … } }), or { ownCodes: await loadOwnCode(…) }`,
      );
}

function unknown(what: string, name: string, known: Iterable<string>): StreamsError {
  return new StreamsError(
    'STREAMS_QUERY',
    `there is no ${what} "${name}"; there are ${[...known].join(', ')}`,
  );
}
