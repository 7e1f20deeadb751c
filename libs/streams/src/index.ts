export { definePipeline } from './definition/define-pipeline.ts';
export { checkDefinition, validateDefinition } from './definition/validate-definition.ts';
export type {
  GlobalJoinDefinition,
  JoinDefinition,
  PipelineDefinition,
  ProcessDefinition,
  RowsView,
  SourceDefinition,
  StreamJoinDefinition,
  TableJoinDefinition,
  ViewDefinition,
  WindowedView,
} from './definition/pipeline-definition.ts';
export { isLocalOnly, isWindowed } from './definition/pipeline-definition.ts';
export type { RowOf } from './definition/row-type.ts';
export type { AvroField, AvroRecord, AvroType, ColumnType, TypedSchema } from './definition/avro-types.ts';
export * from './definition/expression.ts';
export { compileExpression, fieldsOf } from './definition/compile-expression.ts';
export type { Compiled, Row } from './definition/compile-expression.ts';
export { loadOwnCode } from './own-code/load-own-code.ts';
export type {
  AnyKeyedOwnCode,
  AnyOwnCode,
  KeyedContext,
  KeyedOwnCode,
  OwnCode,
  OwnCodes,
  ProcessContext,
  Returned,
} from './own-code/own-code.ts';
export { sourceColumns, viewColumns, viewTable } from './definition/view-columns.ts';
export type { ViewColumn, ViewTable } from './definition/view-columns.ts';
export { pseudonymOf } from './definition/pseudonym.ts';
export { eventTimeOf } from './definition/scope.ts';
export { resultsSchema } from './definition/results-schema.ts';
export { describe } from './topology/describe.ts';
export { needsRepartition, topicNames, topologyOf } from './topology/topology.ts';
export type { MergeStage, SourceStage, Stage, Topology } from './topology/topology.ts';
export { DefinitionError, StreamsError } from './errors.ts';
export type { StreamsErrorCode } from './errors.ts';
export { resetPipeline } from './administration/reset-pipeline.ts';
export type { ResetOptions, ResetPosition, ResetReport } from './administration/reset-pipeline.ts';
export { pausePipeline, resumePipeline } from './administration/pause-pipeline.ts';
export type { PauseOptions } from './administration/pause-pipeline.ts';
export { planTopics, type TopicPlan } from './runtime/internal-topics.ts';
export { traceContext, type TraceContext } from './tracing/trace-context.ts';
export { startPipeline } from './start-pipeline.ts';
export type { RunningPipeline, StartOptions } from './start-pipeline.ts';
export type { OnEvent, PipelineEvent, Serdes, ValueReader } from './runtime/ports.ts';
export type { SerdesModule } from './runtime/serdes-module.ts';
export type { TaskStatus } from './runtime/task-status.ts';
export type { PipelineCounters } from './runtime/counters.ts';
export type { StandbyStatus } from './state/standby-copies.ts';
export { queryHandler, type QueryHandlerOptions } from './queries/query-handler.ts';
export type { QueriesOptions } from './queries/ask-peer.ts';
export type { PeerQuery, Query, QueryAnswer } from './queries/query.ts';
