import type { AvroRecord } from './avro-types.ts';
import type { Expression } from './expression.ts';
import type { Aggregate, Window } from '@millrace/windowing';

/** A topic that a pipeline reads. Durations in milliseconds, times in epoch milliseconds (UTC). */
export interface SourceDefinition {
  readonly topic: string;
  readonly schema: AvroRecord;
  /** The field with the event time; by default the schema's field with `"eventTime": true`. */
  readonly eventTime?: string;
  /** How much later than a newer event one may arrive and still be on time. */
  readonly outOfOrderMs?: number;
  /** A partition that is silent this long (wall clock) no longer holds the others back; never by default. */
  readonly idleAfterMs?: number;
  /** Events further ahead of the wall clock are set aside; any are taken by default. */
  readonly maxFutureMs?: number;
  /** The fields that decide a record's partition: grouping by them (and more) then needs no repartition. */
  readonly partitionedBy?: readonly string[];
}

interface Steps {
  /** The source, join or process that it reads, or the windowed view whose final results it reads. */
  readonly from: string;
  /** Makes one row for each element of this array field: the element's fields beside the record's own. */
  readonly flatten?: string;
  /** New fields, in this order; each may use those before it. */
  readonly derive?: Readonly<Record<string, Expression>>;
  /** Only rows for which this is true go on. */
  readonly where?: Expression;
  readonly sinks?: readonly string[];
  /** The table in stores, `NAME` or `SPACE.NAME` (a keyspace or schema); named as the view by default. */
  readonly table?: string;
  readonly panels?: readonly unknown[];
  /** How long results are kept, in the results topic and in stores; for ever by default. */
  readonly retentionMs?: number;
  readonly description?: string;
}

/** Aggregates per key and window. */
export interface WindowedView extends Steps {
  /** The grouping columns; none means one group. */
  readonly by?: readonly string[];
  readonly window: Window;
  /** How long after its close a window still takes late records and is revised. */
  readonly graceMs?: number;
  /** `onClose` (default): one final result. `onUpdate`: at each commit the windows that changed, then the final one. */
  readonly emit?: 'onClose' | 'onUpdate';
  readonly select: Readonly<Record<string, Aggregate>>;
  /** Columns made of a result's own: keys, `windowStart`, `windowEnd`, aggregates, and those computed before. */
  readonly compute?: Readonly<Record<string, Expression>>;
  /** Only windows for which this is true give results; it sees what `compute` sees, and the computed columns. */
  readonly having?: Expression;
  /** Units of computed columns, and of aggregates whose unit is not that of their field. */
  readonly units?: Readonly<Record<string, string>>;
}

/** One result per row, without a window: cleaned, flattened, derived. */
export interface RowsView extends Steps {
  /** What identifies a row; a later row with the same key replaces the earlier one. */
  readonly by: readonly string[];
  readonly columns: readonly string[];
  /** The column with a row's time, which then is part of what identifies it: an event log rather than the newest row of a key. */
  readonly time?: string;
}

export type ViewDefinition = WindowedView | RowsView;

interface JoinSteps {
  /** The fields that are equal on both sides; null is equal to nothing. */
  readonly on: readonly string[];
  /** By side: only rows for which this is true are joined. */
  readonly where?: Readonly<Record<string, Expression>>;
}

/**
 * Rows of two streams that lie near in time. A joined row is `{ [left]: row | null, [right]: row | null }` with the `on` fields
 * and `eventTime` (the later of both) beside them.
 */
export interface StreamJoinDefinition extends JoinSteps {
  /** A source, a process of one, or another join over the same fields. */
  readonly left: string;
  readonly right: string;
  /** `left`: left rows without partner too; `outer`: those of both sides. */
  readonly type: 'inner' | 'left' | 'outer';
  /** A right row joins a left row of time `t` when its time is in `[t − beforeMs, t + afterMs]`, both inclusive. */
  readonly beforeMs: number;
  readonly afterMs: number;
  /** How much later than `outOfOrderMs` a row may come and still be joined. */
  readonly graceMs?: number;
}

/** Rows of a stream, each with the newest row of the table under the same key, as of the stream row's time. */
export interface TableJoinDefinition extends JoinSteps {
  /** A source, a process of one, or another join over the same fields. */
  readonly stream: string;
  /** A source or a process of one: each row replaces the one before it with the same `on` fields. */
  readonly table: string;
  /** `left`: rows for which the table has nothing come out too. */
  readonly type: 'inner' | 'left';
  /** How far back the table is known, for rows that come later than `outOfOrderMs`; 0 by default. */
  readonly historyMs?: number;
}

/**
 * Rows of a stream, each with the row of a global table under the same key: a small topic that every instance reads whole before it
 * begins, and goes on reading. Keys need no partitioning; what counts is the table as it is when the row is processed.
 */
export interface GlobalJoinDefinition extends JoinSteps {
  /** A source, a process of one, or another join. */
  readonly stream: string;
  /** A source that nothing but such joins reads; a record replaces the one with the same record key, null deletes it. */
  readonly globalTable: string;
  /** The table's fields that equal those of `on`, in the same order; the same names by default. */
  readonly key?: readonly string[];
  /** `left`: rows for which the table has nothing come out too. */
  readonly type: 'inner' | 'left';
}

/** A join that keeps rows of its sides until their partners come. */
export type KeepingJoin = StreamJoinDefinition | TableJoinDefinition;
export type JoinDefinition = KeepingJoin | GlobalJoinDefinition;

export const isGlobalJoin = (join: JoinDefinition): join is GlobalJoinDefinition => 'globalTable' in join;
export const isTableJoin = (join: JoinDefinition): join is TableJoinDefinition => 'table' in join;

/**
 * Rows that own code makes of other rows: a function of a module, so that a definition stays data. *Local only*: nothing but
 * this runtime can run it. A row that comes out has the time and the fields of the one that went in, and those that the code returned.
 */
export interface ProcessDefinition {
  /** The source, join, process or windowed view (its final results) whose rows the code is given. */
  readonly from: string;
  /** A URL, e.g. `import.meta.resolve('./locate.ts')`, or a package; each thread loads it. */
  readonly module: string;
  /** The name of the function, an `OwnCode`; with `by`, of a `KeyedOwnCode`. */
  readonly export: string;
  /**
   * Gives the code state and timers for each value of these fields, among which must be those that decide the partition. What comes
   * out then has these fields and those returned, for a timer has no row.
   */
  readonly by?: readonly string[];
  /** The fields that the code is given; all by default. Others are not decoded for it. */
  readonly reads?: readonly string[];
  /** The fields that the code returns. */
  readonly returns: AvroRecord;
  /** To be changed with what the code gives for the same rows: state that the former code made is then refused. */
  readonly version?: number;
  readonly description?: string;
}

/** The names of both sides: the one whose rows drive the join first. */
export function sidesOf(join: JoinDefinition): readonly [string, string] {
  if (isGlobalJoin(join)) return [join.stream, join.globalTable];
  return isTableJoin(join) ? [join.stream, join.table] : [join.left, join.right];
}

/** Whether a source is a global table: read whole by every instance, by no task. */
export const isGlobalTable = (definition: PipelineDefinition, source: string): boolean =>
  Object.values(definition.joins ?? {}).some((join) => isGlobalJoin(join) && join.globalTable === source);

/** The fields of a side by which it is joined. */
export const keyOf = (join: JoinDefinition, side: string): readonly string[] =>
  isGlobalJoin(join) && side === join.globalTable ? (join.key ?? join.on) : join.on;

/** A pipeline: plain data, safe to store as JSON. */
export interface PipelineDefinition {
  readonly name: string;
  readonly description?: string;
  readonly sources: Readonly<Record<string, SourceDefinition>>;
  readonly joins?: Readonly<Record<string, JoinDefinition>>;
  readonly processes?: Readonly<Record<string, ProcessDefinition>>;
  readonly views: Readonly<Record<string, ViewDefinition>>;
}

export const isWindowed = (view: ViewDefinition): view is WindowedView => 'window' in view;

/** Behind processes: the source, join or view that their rows come from; other names stay what they are. */
export function streamBehind(definition: PipelineDefinition, from: string): string {
  const seen = new Set<string>();
  let at = from;
  for (let process; (process = definition.processes?.[at]) !== undefined && !seen.has(at); at = process.from)
    seen.add(at);
  return at;
}

/** Whether a view reads what own code made, directly or through others: no other engine can then run it. */
export function isLocalOnly(definition: PipelineDefinition, from: string): boolean {
  if (definition.processes?.[from] !== undefined) return true;
  const join = definition.joins?.[from];
  if (join !== undefined) return sidesOf(join).some((side) => isLocalOnly(definition, side));
  const view = definition.views[from];
  return view !== undefined && isLocalOnly(definition, view.from);
}
