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

/** A topic in `GET /api/cluster/topics`. `records` counts offsets, so that gone records and transaction markers are in it. */
export interface TopicSummary {
  readonly name: string;
  readonly partitions: number;
  readonly records: number;
}

/** `GET /api/cluster/topics/:topic`. */
export interface TopicDetail {
  readonly name: string;
  readonly partitions: readonly {
    readonly partition: number;
    /** The broker that leads it; -1: none at this moment. */
    readonly leader: number;
    /** Of the oldest record that is still there. */
    readonly firstOffset: number;
    /** Behind the newest one. */
    readonly endOffset: number;
  }[];
  /** Settings that the topic does not take from its broker. */
  readonly configs: Readonly<Record<string, string>>;
}

/** A committed record, as `GET /api/cluster/topics/:topic/messages` shows it. */
export interface TopicMessage {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: string | null;
  /** Of Avro: JSON, its personal fields as `•••`; else the beginning of its text or bytes; null for a tombstone. */
  readonly value: string | null;
  readonly form: 'avro' | 'text' | 'bytes' | 'tombstone';
  readonly schemaId?: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** A consumer group in `GET /api/cluster/groups`. */
export interface ConsumerGroup {
  readonly name: string;
  readonly state: string;
  readonly members: number;
  /** Records that it has not committed yet. */
  readonly lag: number;
  readonly topics: readonly { readonly topic: string; readonly lag: number }[];
}

/** A subject's latest version, `GET /api/cluster/subjects/:subject`. */
export interface SchemaSubject {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly compatibility: string;
  readonly schema: string;
}
