import type { Aggregates } from './aggregates/aggregate.ts';
import { createOperator } from './operators/create-operator.ts';
import type { Operator } from './operators/operator.ts';
import type { OperatorOptions } from './operators/operator-options.ts';
import type { LateEvent, RejectedEvent, Retraction, WindowRow } from './operators/result.ts';
import type { Key } from './state/key-table.ts';
import type { SessionWindow } from './windows/window.ts';

/** A windowed aggregation over objects. */
export interface WindowedOptions<Row, A extends Aggregates<Row>> extends OperatorOptions<Row, A> {
  /** The event time in epoch milliseconds. */
  readonly time: (row: Row) => number;
  /** What to group by; one group for all when left out. Null rejects the event. */
  readonly key?: (row: Row) => Key | null | undefined;
  /** Takes events that missed a window; the object is reused. */
  readonly onLate?: (late: LateEvent<Row>) => void;
  /** Takes events that cannot be counted; the object is reused. */
  readonly onRejected?: (rejected: RejectedEvent<Row>) => void;
}

/** Sessions can take results back; other windows cannot. */
export type ResultOf<W, A> = W extends SessionWindow<never> ? WindowRow<A> | Retraction<A> : WindowRow<A>;

/** A windowed aggregation: rows in, results out, each its own object. */
export interface Windowed<Row, Result> {
  /** Counts one event and returns the results that it made due. */
  push(row: Row, options?: { partition?: number }): readonly Result[];
  /** Raises the watermark and returns the results that this made due. */
  advanceWatermark(watermarkMs: number, partition?: number): readonly Result[];
  /** Returns the windows that changed since the last call (`emit: 'onUpdate'`). */
  drainUpdates(): readonly Result[];
  /** Returns up to `most` results that wait (see `maxResultsPerCall`). */
  drain(most?: number): readonly Result[];
  /** Ends the input and returns all that was open. */
  finish(): readonly Result[];
  /** The operator below: watermarks, idleness, snapshots, changes, partial aggregates. */
  readonly operator: Operator<Row>;
}

const NONE: readonly never[] = Object.freeze([]);

/**
 * Builds a windowed aggregation.
 * @throws WindowingError when the definition cannot work, naming the option, its value and the remedy
 */
export function windowed<Row, const A extends Aggregates<Row>, W extends WindowedOptions<Row, A>['window']>(
  options: WindowedOptions<Row, A> & { readonly window: W },
): Windowed<Row, ResultOf<W, A>> {
  type Result = ResultOf<W, A>;
  const { time, key = () => '', onLate, onRejected } = options;
  let results: Result[] = [];
  const operator = createOperator<Row>(options, {
    onResult: (result) => void results.push({ ...result } as Result),
    ...(onLate && { onLate }),
    ...(onRejected && { onRejected }),
  });
  const taken = (): readonly Result[] => {
    if (results.length === 0) return NONE;
    const out = results;
    results = [];
    return out;
  };
  return {
    operator,
    push(row, { partition } = {}) {
      operator.add(key(row) as Key, time(row), row, partition);
      return taken();
    },
    advanceWatermark(watermarkMs, partition) {
      operator.advanceWatermark(watermarkMs, partition);
      return taken();
    },
    drainUpdates() {
      operator.drainUpdates();
      return taken();
    },
    drain(most) {
      operator.drain(most);
      return taken();
    },
    finish() {
      operator.finish();
      return taken();
    },
  };
}
