import { StreamJoin, TableJoin } from '@millrace/windowing';
import type { JoinedRow } from '@millrace/windowing';
import type { Row } from '../definition/compile-expression.ts';
import { isTableJoin, sidesOf } from '../definition/pipeline-definition.ts';
import type { KeepingJoin } from '../definition/pipeline-definition.ts';
import type { GroupKeyCodec } from '../tasks/group-key.ts';
import type { PartialTarget } from './partial-target.ts';
import type { DiskState } from '../state/disk-state.ts';
import { StateLog } from '../state/state-log.ts';
import { traceOfPair, uncarried } from '../tracing/carried-trace.ts';
import type { TaskTraces } from '../tracing/task-traces.ts';
import type { ReadingView } from './view-steps.ts';
import type { FlushContext, ViewTarget } from './view-target.ts';

/** A side of another join, which joined rows are given to. */
export interface ReadingJoin {
  run(row: Row, timeMs: number): void;
  /** Moves event time, of which its `outOfOrderMs` is still to be taken. */
  passed(timeMs: number): void;
  setIdle(isIdle: boolean): void;
}

export interface JoinTargetOptions {
  readonly name: string;
  readonly join: KeepingJoin;
  /** Of the `on` fields. */
  readonly codec: GroupKeyCodec;
  /** The views that read joined rows, and the joins that this one is a side of. */
  readonly readers: readonly ReadingView[];
  readonly joins: readonly ReadingJoin[];
  /** Views that send partial windows of joined rows elsewhere. */
  readonly partials: readonly Pick<PartialTarget, 'setIdle'>[];
  /** Absent: trace contexts are not carried. */
  readonly traces: TaskTraces | undefined;
  /** Where rows go that memory has no room for; absent: nowhere. */
  readonly disk: DiskState | undefined;
}

/** One of both sides: the one whose rows drive a join first. */
export type SideNumber = 0 | 1;

/** What a stream join and a table join have in common here; each reads one partition of either side. */
interface Engine {
  add(side: SideNumber, key: string, timeMs: number, row: Row): boolean;
  advance(side: SideNumber, watermark: number): void;
  idle(side: SideNumber): void;
  watermarkOf(side: SideNumber): number;
  readonly operator: StreamJoin<Row, Row> | TableJoin<Row, Row>;
  /** How far ahead of a row its partner may lie: it is late when its own side's watermark is further than that. */
  readonly reachMs: readonly [number, number];
  /** How far joined rows may lie behind the watermark of both sides. */
  readonly lagMs: number;
}

/**
 * One partition of a join: holds rows of both sides, gives joined ones to the views and joins that read from it, and event time
 * as far as no joined row can lie behind it.
 */
export class JoinTarget implements ViewTarget {
  readonly view: string;
  readonly log: StateLog;
  readonly codec: GroupKeyCodec;
  readonly reachMs: readonly [number, number];
  readonly #options: JoinTargetOptions;
  readonly #engine: Engine;
  readonly #sides: readonly [string, string];
  readonly #idle = [false, false];
  #watermark = -Infinity;
  /** Whose row is being taken; of rows that come out as time goes on, the one that waited. */
  #completing: SideNumber = 0;
  /** The joined row that the readers are being given. */
  current: Row = {};
  /** Event time went on although nothing was read. */
  isPending = false;

  constructor(options: JoinTargetOptions) {
    const { name, join, codec, disk } = options;
    this.view = name;
    this.codec = codec;
    this.#options = options;
    this.#sides = sidesOf(join);
    this.#engine = engineOf(join, disk, (joined) => this.#joined(joined));
    disk?.attach(this.#engine.operator);
    this.reachMs = this.#engine.reachMs;
    this.log = new StateLog(name, this.#engine.operator);
  }

  /** Takes a row of one side; false when its time is none. */
  add(side: SideNumber, key: string, timeMs: number, row: Row): boolean {
    this.#completing = side;
    const isTaken = this.#engine.add(side, key, timeMs, row);
    this.#completing = 0;
    return isTaken;
  }

  /** A row whose key is null: it has no partner, and comes out alone where such rows do. */
  addAlone(side: SideNumber, timeMs: number, row: Row): void {
    const { type } = this.#options.join;
    if (type === 'outer' || (type === 'left' && side === 0))
      this.#give(row, timeMs, side === 0 ? [row, null] : [null, row]);
  }

  /** Moves one side's event time. */
  advance(side: SideNumber, watermark: number): void {
    this.#engine.advance(side, watermark);
    if (this.#idle[side] === true) this.#heard(side);
    this.#passOn();
  }

  /** What a row of this side is late by: its own watermark, or that of both sides, which goes on without a silent one. */
  lateMark(side: SideNumber): number {
    return Math.max(this.#engine.watermarkOf(side), this.#engine.operator.watermark);
  }

  /** A side is silent, or heard of again. */
  setIdle(side: SideNumber, isIdle: boolean): void {
    if (!isIdle) return;
    this.#idle[side] = true;
    this.isPending = true;
    this.#engine.idle(side);
    this.#passOn();
    if (this.#idle.every(Boolean)) this.#passIdle(true);
  }

  #heard(side: SideNumber): void {
    const wereAll = this.#idle.every(Boolean);
    this.#idle[side] = false;
    if (wereAll) this.#passIdle(false);
  }

  #passIdle(isIdle: boolean): void {
    for (const partial of this.#options.partials) partial.setIdle(isIdle);
    for (const side of this.#options.joins) side.setIdle(isIdle);
  }

  #joined({ key, timeMs, left, right }: JoinedRow<Row, Row>): void {
    const values = this.codec.decode(key as string);
    const { on } = this.#options.join;
    this.#give(Object.fromEntries(on.map((name, at) => [name, values[at]])), timeMs, [left, right]);
  }

  #give(keys: Row, timeMs: number, rows: readonly [Row | null, Row | null]): void {
    const { join, traces } = this.#options;
    const row: Row = {};
    for (const name of join.on) row[name] = keys[name] ?? null;
    row['eventTime'] = timeMs;
    row[this.#sides[0]] = uncarried(rows[0]);
    row[this.#sides[1]] = uncarried(rows[1]);
    this.current = row;
    if (traces === undefined) this.#read(row, timeMs);
    else traces.during(traceOfPair(rows, this.#completing), () => this.#read(row, timeMs));
  }

  #read(row: Row, timeMs: number): void {
    const { readers, joins } = this.#options;
    for (const { steps, target } of readers) steps.run(row, timeMs, target);
    for (const side of joins) side.run(row, timeMs);
  }

  #passOn(): void {
    const { watermark } = this;
    if (!(watermark > this.#watermark)) return;
    this.#watermark = watermark;
    for (const { target } of this.#options.readers) target.passed(watermark);
    for (const side of this.#options.joins) side.passed(watermark);
  }

  /** No joined row with a smaller time will come. */
  get watermark(): number {
    return this.#engine.operator.watermark - this.#engine.lagMs;
  }

  get size() {
    return { keys: this.#engine.operator.keyCount, windows: 0 };
  }

  row(): void {
    throw new TypeError('a join takes rows by side');
  }

  passed(): void {
    // Event time comes by side.
  }

  keyless(): void {
    // Such rows come by side too.
  }

  flush(_context: FlushContext): void {
    // Joined rows go on as they come.
    this.isPending = false;
  }

  read(): void {
    // Queries read views.
  }
}

const only = 0;
const kept = { partitions: [only], watermarks: 'explicit', trackChanges: true } as const;

function engineOf(
  join: KeepingJoin,
  overflow: DiskState | undefined,
  onRow: (row: JoinedRow<Row, Row>) => void,
): Engine {
  const common = { ...kept, ...(overflow && { overflow }) };
  if (isTableJoin(join)) {
    const { type, historyMs = 0 } = join;
    const operator = new TableJoin<Row, Row>({ ...common, type, versioned: { historyMs } }, { onRow });
    const names = ['stream', 'table'] as const;
    return {
      operator,
      add: (side, key, timeMs, row) =>
        side === 0 ? operator.add(key, timeMs, row) : operator.upsert(key, timeMs, row),
      advance: (side, watermark) => operator.advanceSide(names[side], watermark),
      idle: (side) => operator.markSideIdle(names[side]),
      watermarkOf: (side) => operator.sideWatermark(names[side]),
      // An entry of the table is never too late for the rows that come after it.
      reachMs: [historyMs, Infinity],
      lagMs: historyMs,
    };
  }
  const { type, beforeMs, afterMs, graceMs = 0 } = join;
  const operator = new StreamJoin<Row, Row>({ ...common, type, beforeMs, afterMs, graceMs }, { onRow });
  const names = ['left', 'right'] as const;
  return {
    operator,
    add: (side, key, timeMs, row) =>
      side === 0 ? operator.addLeft(key, timeMs, row) : operator.addRight(key, timeMs, row),
    advance: (side, watermark) => operator.advanceSide(names[side], watermark),
    idle: (side) => operator.markSideIdle(names[side]),
    watermarkOf: (side) => operator.sideWatermark(names[side]),
    reachMs: [afterMs + graceMs, beforeMs + graceMs],
    // A row without partner comes out when it is certain that there is none.
    lagMs: (type === 'inner' ? Math.max(beforeMs, afterMs) : beforeMs + afterMs) + graceMs,
  };
}
