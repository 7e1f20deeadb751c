import type { Column } from './column.ts';
import type { Panel } from './panel.ts';
import type { ResultRow } from './result-row.ts';

/** A view as `GET /api/pipelines` describes it; view names are unique over all pipelines. */
export interface ViewDescription {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly panels: readonly Panel[];
  /** What its rows lie in time by: windows, the column `timeColumn` of each row, or nothing (a table with one row per key). */
  readonly timeOf: 'windows' | 'rows' | 'nothing';
  readonly timeColumn?: string;
  /** Length of its windows where they have one: a minute's page needs six windows of ten seconds. */
  readonly windowMs?: number;
}

/** One pipeline of `GET /api/pipelines`. `definition` is the pipeline as data, `topology` its drawing as text. */
export interface PipelineDescription {
  readonly name: string;
  readonly title: string;
  readonly definition: unknown;
  readonly topology: string;
  readonly views: readonly ViewDescription[];
}

/** `GET /api/views/:view/rows`. Rows are ordered by `windowStart`, then key; `watermark` is null before the first result. */
export interface ViewRows {
  readonly rows: readonly ResultRow[];
  readonly watermark: number | null;
  /** There were more rows than `limit`; the newest are given. */
  readonly truncated: boolean;
}

/** What an event of a side output was set aside for. */
export type SetAsideKind = 'late' | 'rejected' | 'dead-letter';

/** Events of one pipeline that its windows do not contain, since its topics began. */
export type SetAside = Readonly<Record<SetAsideKind, number>>;

/** `GET /api/health`. `starting` while something it needs has not answered yet, with a sentence for each such thing. */
export interface Health {
  readonly status: 'starting' | 'ok' | 'degraded';
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
  readonly version: string;
}

/** The data of a `rows` event of `GET /api/live`; a removed row names its key columns and window start alone. */
export interface LiveRows {
  readonly view: string;
  readonly rows: readonly ResultRow[];
  readonly removed: readonly Pick<ResultRow, 'windowStart'>[];
}

/** The data of a `watermark` event. */
export interface LiveWatermark {
  readonly view: string;
  readonly watermark: number;
}

/** The data of a `heartbeat` event: proof that the connection lives, and the counts of what was set aside. */
export interface LiveHeartbeat {
  readonly now: number;
  readonly health: Health['status'];
  readonly setAside: Readonly<Record<string, SetAside>>;
}
