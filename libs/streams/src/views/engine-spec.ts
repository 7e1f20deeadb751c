import type { Aggregates, Window } from '@millrace/windowing';
import type { Row } from '../definition/compile-expression.ts';
import type { WindowedView } from '../definition/pipeline-definition.ts';

/** A view as the engine takes it. Being data, it reads fields by name, so that rows of any type will do. */
export function engineSpec(view: WindowedView) {
  return {
    window: view.window as Window<Row>,
    aggregates: view.select as Aggregates<Row>,
    graceMs: view.graceMs ?? 0,
  };
}
