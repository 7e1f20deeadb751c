import type { PipelineDefinition } from '../definition/pipeline-definition.ts';
import { isWindowed } from '../definition/pipeline-definition.ts';
import type { Row } from '../definition/compile-expression.ts';
import type { RowTarget } from '../views/view-steps.ts';
import type { ViewTarget } from '../views/view-target.ts';
import type { TraceContext } from './trace-context.ts';
import { ViewTraces } from './view-traces.ts';
import { stretchOf } from './window-stretch.ts';

/** Traces of a view's windows: `sent` on to where they are merged, or `kept` where results are written. */
type TracesPlace = 'sent' | 'kept';

/** The traces that one task carries from records to results. */
export class TaskTraces {
  /** Of the record, the joined row or the result of another view that is being processed. */
  current: TraceContext | undefined;
  readonly #definition: PipelineDefinition;
  readonly #views = new Map<string, ViewTraces>();

  constructor(definition: PipelineDefinition) {
    this.#definition = definition;
  }

  of(name: string, place: TracesPlace): ViewTraces {
    const found = this.#views.get(name);
    if (found !== undefined) return found;
    const view = this.#definition.views[name]!;
    if (!isWindowed(view)) throw new TypeError(`view "${name}" has no window`);
    const traces = new ViewTraces({
      isClosed: ['sliding', 'count', 'session'].includes(view.window.type),
      isSent: place === 'sent',
      stretch: stretchOf(view.window),
    });
    this.#views.set(name, traces);
    return traces;
  }

  /** Looks up what a result's context is; a row's is the current one. */
  finder(name: string): (result: Row | undefined) => TraceContext | undefined {
    if (!isWindowed(this.#definition.views[name]!)) return () => this.current;
    const traces = this.of(name, 'kept');
    return (result) =>
      traces.find(
        result!['key'] as string,
        result!['windowStart'] as number | null,
        result!['windowEnd'] as number | null,
      );
  }

  /** Has something processed under a context, or none, of its own: what is current caused it only by moving event time. */
  during(trace: TraceContext | undefined, process: () => void): void {
    const before = this.current;
    this.current = trace;
    process();
    this.current = before;
  }

  /** A windowed view's target that first notes whose trace a row belongs to. */
  noting(target: ViewTarget, place: TracesPlace): RowTarget {
    const traces = this.of(target.view, place);
    return {
      row: (key, timeMs, row, hint) => {
        if (this.current !== undefined) traces.note(key, timeMs, this.current);
        target.row(key, timeMs, row, hint);
      },
      passed: (timeMs) => target.passed(timeMs),
      keyless: (timeMs) => target.keyless(timeMs),
    };
  }
}
