import { isWindowed } from '../definition/pipeline-definition.ts';
import type { PipelineDefinition, WindowedView } from '../definition/pipeline-definition.ts';
import { globalJoinsOf, processesOf, readersOf } from '../topology/topology.ts';
import { FinalResults } from '../results/final-results.ts';
import { inputScope } from '../definition/view-scope.ts';
import type { AnyKeyedOwnCode, AnyOwnCode, OwnCodes } from '../own-code/own-code.ts';
import { groupKeyCodec } from '../tasks/group-key.ts';
import type { DiskState } from '../state/disk-state.ts';
import type { GlobalTables } from '../state/global-tables.ts';
import { ResultShape } from '../results/result-shape.ts';
import type { ResultSink, WindowSink } from '../results/result-writer.ts';
import type { JoinSide } from './join-side.ts';
import { KeyedProcess } from './keyed-process.ts';
import { ProcessSteps } from './process-steps.ts';
import { RowsTarget } from './rows-target.ts';
import type { Aside, Reason } from '../tasks/set-aside.ts';
import type { TaskTraces } from '../tracing/task-traces.ts';
import { ViewOutput } from '../results/view-output.ts';
import { ViewSteps } from './view-steps.ts';
import type { ReadingView, RowTarget } from './view-steps.ts';
import type { ViewTarget } from './view-target.ts';
import { WindowTarget } from './window-target.ts';
import type { SetCurrentAside, TargetOptions } from './window-target.ts';

export type ReaderInput = Pick<TargetOptions, 'outOfOrderMs' | 'watermarks' | 'aside'>;

/** What a place that runs views has to give: a task of a worker, or the test driver. */
export interface HostPorts {
  /** Absent: trace contexts are not carried. */
  readonly traces: TaskTraces | undefined;
  /** Where windows go that memory has no room for; undefined: nowhere. */
  readonly disk: DiskState | undefined;
  results(name: string): ResultSink;
  /** A target that sends a view's partial windows elsewhere; undefined when all of it is computed here. */
  partial(options: TargetOptions): ViewTarget | undefined;
  /** The sides of joins that read what own code makes of a source's rows. */
  sides(process: string, input: ReaderInput): readonly JoinSide[];
  /** Sets a result of view `from` aside that a view reading from it cannot count. */
  setAside(aside: Aside, from: string, row: Readonly<Record<string, unknown>>, reason: Reason): void;
}

/** The views that read from one source or view, and everything that hangs on them. */
export interface HostedViews {
  readonly readers: readonly ReadingView[];
  /** All targets, each before those that it feeds. */
  readonly targets: readonly ViewTarget[];
}

/** Builds the targets of a pipeline's views, those that read from other views included. */
export class ViewHost {
  readonly #definition: PipelineDefinition;
  readonly #tables: GlobalTables;
  readonly #ownCodes: OwnCodes;
  readonly #steps: ReadonlyMap<string, ViewSteps>;

  constructor(
    definition: PipelineDefinition,
    { tables, ownCodes }: { readonly tables: GlobalTables; readonly ownCodes: OwnCodes },
  ) {
    this.#definition = definition;
    this.#ownCodes = ownCodes;
    this.#tables = tables;
    this.#steps = new Map(
      Object.entries(definition.views).map(([name, view]) => [name, new ViewSteps(definition, view)]),
    );
  }

  stepsOf(name: string): ViewSteps {
    return this.#steps.get(name)!;
  }

  /** The views that read from `from`, from joins of it with global tables, and from what own code makes of it. */
  readers(from: string, input: ReaderInput, ports: HostPorts): HostedViews {
    const { traces } = ports;
    const readers: ReadingView[] = [];
    const targets: ViewTarget[] = [];
    for (const name of readersOf(this.#definition, from)) {
      const view = this.#definition.views[name]!;
      const steps = this.stepsOf(name);
      if (!isWindowed(view)) {
        const target = new RowsTarget({ ...input, name, results: ports.results(name) });
        readers.push({ steps, target });
        targets.push(target);
        continue;
      }
      const partial = ports.partial({ ...input, name, view });
      if (partial !== undefined) {
        readers.push({ steps, target: traces?.noting(partial, 'sent') ?? partial });
        targets.push(partial);
        continue;
      }
      const { sink, fed } = this.sink(name, view, ports);
      const target = new WindowTarget({ ...input, name, view, results: sink, disk: ports.disk });
      readers.push({ steps, target: traces?.noting(target, 'kept') ?? target });
      targets.push(target, ...fed);
    }
    for (const name of globalJoinsOf(this.#definition, from)) {
      const joined = this.readers(name, input, ports);
      for (const { steps, target } of joined.readers)
        readers.push({ steps: this.#tables.joining(name, steps), target });
      targets.push(...joined.targets);
    }
    for (const name of processesOf(this.#definition, from)) {
      const process = this.#definition.processes![name]!;
      const made =
        process.by === undefined ? this.#process(name, input, ports) : this.#keyed(name, input, ports);
      readers.push(...made.readers);
      targets.push(...made.targets);
    }
    return { readers: input.watermarks === 'explicit' ? readers.map(untimed) : readers, targets };
  }

  /** Own code that knows nothing but the row. */
  #process(name: string, input: ReaderInput, ports: HostPorts): HostedViews {
    const { readers, targets } = this.readers(name, input, ports);
    const steps = new ProcessSteps({
      ...{ name, readers, watermarks: input.watermarks ?? 'events', aside: input.aside },
      process: this.#definition.processes![name]!,
      code: this.#ownCodes[name] as AnyOwnCode,
      sides: ports.sides(name, input),
    });
    return { readers: [{ steps, target: steps }], targets };
  }

  /** Own code with state and timers: who reads it is told event time by it. */
  #keyed(name: string, input: ReaderInput, ports: HostPorts): HostedViews {
    const process = this.#definition.processes![name]!;
    const aside: SetCurrentAside = (to, reason) => ports.setAside(to, name, keyed.current, reason);
    const own: ReaderInput = { outOfOrderMs: 0, watermarks: 'explicit', aside };
    const { readers, targets } = this.readers(name, own, ports);
    const scope = inputScope(this.#definition, process.from);
    const keyed: KeyedProcess = new KeyedProcess({
      ...{
        name,
        process,
        readers,
        aside: input.aside,
        outOfOrderMs: input.outOfOrderMs,
        traces: ports.traces,
        disk: ports.disk,
      },
      code: this.#ownCodes[name] as AnyKeyedOwnCode,
      codec: groupKeyCodec(process.by!.map((field) => ({ name: field, type: scope.get(field)!.type }))),
      sides: ports.sides(name, own),
      watermarks: input.watermarks ?? 'events',
      timerAside: (timer, to, reason) => ports.setAside(to, name, timer, reason),
    });
    return { readers: [{ steps: keyed, target: keyed }], targets: [keyed, ...targets] };
  }

  /** Where a view's results go, and the targets that this feeds. */
  sink(
    name: string,
    view: WindowedView,
    ports: HostPorts,
  ): { readonly sink: WindowSink; readonly fed: readonly ViewTarget[] } {
    const results = ports.results(name);
    const aside: SetCurrentAside = (to, reason) => ports.setAside(to, name, finals.current, reason);
    const { readers, targets } = this.readers(
      name,
      { outOfOrderMs: 0, watermarks: 'explicit', aside },
      ports,
    );
    const finals = new FinalResults({ name, view, readers, traces: ports.traces, disk: ports.disk });
    const isRead = readers.length > 0;
    if (!isRead && view.compute === undefined && view.having === undefined) return { sink: results, fed: [] };
    const shape = new ResultShape(view, this.stepsOf(name).codec);
    const sink = new ViewOutput({
      ...{ view, shape, results, disk: ports.disk },
      finals: isRead ? finals : undefined,
    });
    return { sink, fed: isRead ? [finals, ...targets] : [] };
  }
}

/**
 * A reader of joined rows or results, whose event time comes beside them: a row that gives nothing says nothing about it, for rows with
 * smaller times may still come.
 */
function untimed({ steps, target }: ReadingView): ReadingView {
  const rows: RowTarget = {
    row: (key, timeMs, row) => target.row(key, timeMs, row),
    passed: () => undefined,
    keyless: (timeMs) => target.keyless(timeMs),
  };
  return { steps: { run: (row, timeMs) => steps.run(row, timeMs, rows) }, target };
}
