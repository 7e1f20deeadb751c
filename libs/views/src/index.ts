export type {
  ConsumerGroup,
  Health,
  LiveHeartbeat,
  LiveRows,
  LiveWatermark,
  PipelineDescription,
  SchemaSubject,
  SetAside,
  SetAsideKind,
  TopicDetail,
  TopicMessage,
  TopicSummary,
  ViewDescription,
  ViewRows,
} from './api.ts';
export { isNumeric, type Column, type ColumnType, type KnownUnit, type Unit } from './column.ts';
export { formatCell, formatDuration, formatExact, formatNumber, NO_VALUE } from './format.ts';
export {
  answer,
  bars,
  findings,
  stat,
  steps,
  table,
  timeSeries,
  type AnswerPanel,
  type AnswerPart,
  type BarsPanel,
  type Combine,
  type FindingsPanel,
  type Panel,
  type PanelType,
  type StatPanel,
  type StepsPanel,
  type TablePanel,
  type TimeSeriesPanel,
} from './panel.ts';
export { RESULT_COLUMNS, rowKey, type CellValue, type ResultRow, type RowState } from './result-row.ts';
