export type {
  Aggregate,
  AggregateOf,
  Aggregates,
  AggregateValues,
  Of,
  ResultType,
} from './aggregates/aggregate.ts';
export { compileAggregates, resultType, validateAggregates } from './aggregates/compile.ts';
export { count, rate } from './aggregates/count.ts';
export { distinct } from './aggregates/distinct.ts';
export { max, min } from './aggregates/extreme.ts';
export { quantile } from './aggregates/quantile.ts';
export { mean, stddev, sum, variance } from './aggregates/sum.ts';
export type { TopEntry } from './aggregates/top-k.ts';
export { topK } from './aggregates/top-k.ts';
export type { WindowingErrorCode } from './errors.ts';
export { WindowingError } from './errors.ts';
export type { WindowOperatorOptions } from './operators/create-operator.ts';
export { createOperator } from './operators/create-operator.ts';
export type {
  Emit,
  Operator,
  OperatorCounters,
  OperatorOptions,
  OperatorSinks,
} from './operators/operator.ts';
export type {
  LateEvent,
  RejectedEvent,
  ResultFrame,
  ResultState,
  Retraction,
  WindowResult,
  WindowRow,
} from './operators/result.ts';
export type { Key } from './state/key-table.ts';
export { checkWindow, validateWindow } from './windows/check-window.ts';
export type { Windowed, WindowedOptions } from './windowed.ts';
export { windowed } from './windowed.ts';
export type * from './windows/window.ts';
export {
  calendar,
  countWindow,
  cumulative,
  globalWindow,
  hopping,
  session,
  sliding,
  tumbling,
} from './windows/window.ts';
