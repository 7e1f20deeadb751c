export type {
  Aggregate,
  AggregateOf,
  Aggregates,
  AggregateValues,
  ResultType,
} from './aggregates/aggregate.ts';
export type { Of } from './aggregates/inputs.ts';
export { first, last } from './aggregates/by-time.ts';
export { collect } from './aggregates/collect.ts';
export {
  compileAggregates,
  inputsOf,
  resultType,
  takesNumbers,
  validateAggregates,
} from './aggregates/compile.ts';
export { count, rate } from './aggregates/count.ts';
export type { CustomLogic } from './aggregates/custom.ts';
export { custom } from './aggregates/custom.ts';
export { distinct } from './aggregates/distinct.ts';
export { max, min } from './aggregates/extreme.ts';
export { histogram } from './aggregates/histogram.ts';
export { coverage, gaps, integral } from './aggregates/integral.ts';
export { maxSpeed } from './aggregates/max-speed.ts';
export type { Funnel } from './aggregates/path.ts';
export { funnel, path } from './aggregates/path.ts';
export { quantile } from './aggregates/quantile.ts';
export { robustScore, seasonalScore } from './aggregates/score.ts';
export { mean, stddev, sum, variance } from './aggregates/sum.ts';
export type { TopEntry } from './aggregates/top-k.ts';
export { topK } from './aggregates/top-k.ts';
export type { PlainValue } from './bytes/plain-value.ts';
export type { WindowingErrorCode } from './errors.ts';
export { WindowingError } from './errors.ts';
export type { StreamJoinOptions, StreamJoinSinks, JoinedRow } from './joins/stream-join.ts';
export { StreamJoin } from './joins/stream-join.ts';
export type { TableJoinOptions, TableJoinSinks } from './joins/table-join.ts';
export { TableJoin } from './joins/table-join.ts';
export type { DeduplicationOptions } from './operators/deduplication.ts';
export { Deduplication } from './operators/deduplication.ts';
export { Settling } from './operators/settling.ts';
export type { Kept } from './operators/keyed-values.ts';
export { KeyedValues } from './operators/keyed-values.ts';
export { Timers } from './operators/timers.ts';
export { TopN } from './operators/top-n.ts';
export type { LateRecord, TimedOptions } from './operators/timed-operator.ts';
export { Watermarks } from './watermark.ts';
export { createOperator } from './operators/create-operator.ts';
export type { Operator } from './operators/operator.ts';
export type {
  Emit,
  OperatorCounters,
  OperatorOptions,
  OperatorSinks,
  ReadFilter,
  RestoreMode,
} from './operators/operator-options.ts';
export type { ColdKeys, ColdRow, ColdRows, DueRow, Overflow, Overflowed } from './operators/cold-rows.ts';
export { Combiner } from './operators/combiner.ts';
export type { WriteChunk } from './operators/pane-state.ts';
export type {
  LateEvent,
  RejectedEvent,
  ResultFrame,
  ResultState,
  ResultVisitor,
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
