import type { PipelineDefinition } from '../definition/pipeline-definition.ts';
import { isWindowed } from '../definition/pipeline-definition.ts';
import type { Row } from '../definition/compile-expression.ts';
import type { RowTarget } from '../views/view-steps.ts';
import { needsRepartition } from '../topology/topology.ts';
import type { TraceContext } from './trace-context.ts';
import { ViewTraces } from './view-traces.ts';

/** The traces that one task carries from records to results. */
export class TaskTraces {
  /** Of the record that is being processed. */
  current: TraceContext | undefined;
  readonly #definition: PipelineDefinition;
  readonly #views = new Map<string, ViewTraces>();

  constructor(definition: PipelineDefinition) {
    this.#definition = definition;
  }

  /** Traces of a view's windows: `sent` on to where they are merged, or `kept` where results are written. */
  of(name: string, place: 'sent' | 'kept'): ViewTraces {
    const found = this.#views.get(name);
    if (found !== undefined) return found;
    const view = this.#definition.views[name]!;
    const isClosed = isWindowed(view) && ['sliding', 'count', 'session'].includes(view.window.type);
    const traces = new ViewTraces({ isClosed, isSent: place === 'sent' });
    this.#views.set(name, traces);
    return traces;
  }

  /** Looks up what a result's context is, for views whose rows come straight from a source; undefined for others. */
  finder(name: string): ((result: Row | undefined) => TraceContext | undefined) | undefined {
    const view = this.#definition.views[name]!;
    if (this.#definition.sources[view.from] === undefined) return undefined;
    if (!isWindowed(view)) return () => this.current;
    const traces = this.of(name, 'kept');
    return (result) =>
      traces.find(
        result!['key'] as string,
        result!['windowStart'] as number | null,
        result!['windowEnd'] as number | null,
      );
  }

  /** A target that first notes whose trace a row belongs to. */
  noting(name: string, target: RowTarget): RowTarget {
    const view = this.#definition.views[name]!;
    if (!isWindowed(view)) return target;
    const traces = this.of(name, needsRepartition(this.#definition, view) ? 'sent' : 'kept');
    return {
      row: (key, timeMs, row) => {
        if (this.current !== undefined) traces.note(key, timeMs, this.current);
        target.row(key, timeMs, row);
      },
      passed: (timeMs) => target.passed(timeMs),
      keyless: (timeMs) => target.keyless(timeMs),
    };
  }
}
