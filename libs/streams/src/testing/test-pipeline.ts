import type { Row } from '../definition/compile-expression.ts';
import { isWindowed } from '../definition/pipeline-definition.ts';
import type { PipelineDefinition } from '../definition/pipeline-definition.ts';
import { eventTimeOf } from '../definition/scope.ts';
import { checkDefinition } from '../definition/validate-definition.ts';
import { StreamsError } from '../errors.ts';
import type { ReadFilter, ViewTarget } from '../runtime/view-target.ts';
import { RowsTarget } from '../runtime/rows-target.ts';
import type { Reason } from '../runtime/set-aside.ts';
import { ViewSteps } from '../runtime/view-steps.ts';
import { WindowTarget } from '../runtime/window-target.ts';
import { CollectedResults } from './collected-results.ts';

/** A record that could not be counted, with the reason. */
export interface SetAsideRecord extends Reason {
  readonly source: string;
  readonly row: Row;
}

export interface PipelineDriver {
  /** Counts one record of a source at once, as if it had been read from its topic. */
  pipe(source: string, row: Row): void;
  pipeAll(source: string, rows: Iterable<Row>): void;
  /** No record with a smaller event time is expected any more: closes windows. */
  advanceWatermark(source: string, watermarkMs: number): void;
  /** Moves the wall clock, which `maxFutureMs` is measured by; it starts at 0 and never moves by itself. */
  advanceTime(byMs: number): void;
  /** What a commit does for views with `emit: 'onUpdate'`: hands out the windows that changed. */
  commit(): void;
  /** The results of a view since the last call, in order; retractions have `state: 'retracted'`. */
  rows(view: string): Row[];
  /** The windows of a view that hold state. */
  open(view: string, filter?: ReadFilter): Row[];
  /** What was set aside since the last call. */
  late(): SetAsideRecord[];
  rejected(): SetAsideRecord[];
  deadLetters(): SetAsideRecord[];
  watermark(view: string): number;
}

interface DrivenView {
  readonly steps: ViewSteps;
  readonly target: ViewTarget;
  readonly results: CollectedResults;
  readonly outOfOrderMs: number;
}

/**
 * Runs a pipeline without a broker, on a clock that stands still: rows in, results out, at once. Each source is one partition.
 * Rows are taken as decoded; what a reader would refuse (bytes that are no Avro) cannot be tested here.
 * @throws DefinitionError
 */
export function testPipeline(definition: PipelineDefinition): PipelineDriver {
  checkDefinition(definition);
  let nowMs = 0;
  let current: { source: string; row: Row } = { source: '', row: {} };
  const aside = {
    late: [] as SetAsideRecord[],
    rejected: [] as SetAsideRecord[],
    deadLetter: [] as SetAsideRecord[],
  };
  const setAside = (to: keyof typeof aside, reason: Reason) =>
    aside[to].push({ ...reason, source: current.source, row: { ...current.row } });
  const views = new Map<string, DrivenView>();
  for (const [name, view] of Object.entries(definition.views)) {
    const { outOfOrderMs = 0 } = definition.sources[view.from]!;
    const steps = new ViewSteps(definition, view);
    const results = new CollectedResults(
      view.by ?? [],
      isWindowed(view) ? undefined : view.columns,
      steps.codec,
    );
    const common = { name, outOfOrderMs, results, aside: setAside };
    const target = isWindowed(view) ? new WindowTarget({ ...common, view }) : new RowsTarget(common);
    views.set(name, { steps, target, results, outOfOrderMs });
  }
  const viewOf = (name: string): DrivenView => {
    const view = views.get(name);
    if (view === undefined) throw unknown('view', name, views.keys());
    return view;
  };
  const readers = (source: string): DrivenView[] => {
    if (definition.sources[source] === undefined)
      throw unknown('source', source, Object.keys(definition.sources));
    return Object.entries(definition.views)
      .filter(([, view]) => view.from === source)
      .map(([name]) => viewOf(name));
  };
  const pipe = (source: string, row: Row): void => {
    const reading = readers(source);
    const { maxFutureMs } = definition.sources[source]!;
    current = { source, row };
    const timeMs = row[eventTimeOf(definition.sources[source]!)!];
    if (typeof timeMs !== 'number' || !Number.isSafeInteger(timeMs))
      setAside('deadLetter', {
        code: 'STREAMS_EVENT_TIME',
        reason: 'the event time is missing or no whole number',
      });
    else if (maxFutureMs !== undefined && timeMs > nowMs + maxFutureMs)
      setAside('rejected', {
        code: 'STREAMS_FUTURE',
        reason: `the event time is more than maxFutureMs ${maxFutureMs} ahead of the clock`,
        timeMs,
      });
    else for (const { steps, target } of reading) steps.run(row, timeMs, target);
  };
  return {
    pipe,
    pipeAll: (source, rows) => {
      for (const row of rows) pipe(source, row);
    },
    // `passed` takes the event time that stands `outOfOrderMs` before the watermark.
    advanceWatermark: (source, watermarkMs) => {
      for (const { target, outOfOrderMs } of readers(source)) target.passed(watermarkMs + outOfOrderMs);
    },
    advanceTime: (byMs) => {
      nowMs += byMs;
    },
    commit: () => {
      for (const { target } of views.values()) target.flush({ nowMs });
    },
    rows: (view) => viewOf(view).results.take(),
    open: (view, filter = {}) => {
      const { target, results } = viewOf(view);
      const rows: Row[] = [];
      target.read((result) => rows.push(results.named(result)), filter);
      return rows;
    },
    late: () => aside.late.splice(0),
    rejected: () => aside.rejected.splice(0),
    deadLetters: () => aside.deadLetter.splice(0),
    watermark: (view) => viewOf(view).target.watermark,
  };
}

function unknown(what: string, name: string, known: Iterable<string>): StreamsError {
  return new StreamsError(
    'STREAMS_QUERY',
    `there is no ${what} "${name}"; there are ${[...known].join(', ')}`,
  );
}
