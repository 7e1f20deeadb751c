import { KeyedValues } from '@millrace/windowing';
import type { Row } from '../definition/compile-expression.ts';
import { givenRow } from '../own-code/given-row.ts';
import { KeyDraft } from '../own-code/key-draft.ts';
import type { AnyKeyedOwnCode, KeyedContext } from '../own-code/own-code.ts';
import { ReturnedRows } from '../own-code/returned-rows.ts';
import type { Made } from '../own-code/returned-rows.ts';
import type { DiskState } from '../state/disk-state.ts';
import { StateLog } from '../state/state-log.ts';
import type { GroupKeyCodec } from '../tasks/group-key.ts';
import type { TaskTraces } from '../tracing/task-traces.ts';
import type { ProcessOptions } from './process-steps.ts';
import type { RowSteps } from './view-steps.ts';
import type { FlushContext, ViewTarget } from './view-target.ts';
import { keylessReason } from './window-target.ts';
import type { SetCurrentAside } from './window-target.ts';

export interface KeyedProcessOptions extends ProcessOptions<AnyKeyedOwnCode> {
  readonly codec: GroupKeyCodec;
  readonly outOfOrderMs: number;
  /** Absent: trace contexts are not carried. */
  readonly traces: TaskTraces | undefined;
  /** Where values and timers go that memory has no room for; absent: nowhere. */
  readonly disk: DiskState | undefined;
  /** Sets what a timer failed on aside: the key and the timer. */
  readonly timerAside: (timer: Row, ...reason: Parameters<SetCurrentAside>) => void;
}

interface Code {
  process(row: Row, context: KeyedContext): unknown;
  onTimer?(timer: { readonly name: string }, context: KeyedContext): unknown;
}

/** The engine reads one partition here. */
const only = 0;
/** As far from the epoch as a `Date` reaches. */
const maxTimeMs = 8.64e15;

/**
 * Runs own code with state and timers by key. Rows go to it in the order in which they lie in the partition, late or not; timers when
 * event time has reached them. Who reads what comes out is told event time once the timers up to it have fired.
 */
export class KeyedProcess implements ViewTarget, RowSteps {
  readonly view: string;
  readonly log: StateLog;
  /** The row that the readers are being given. */
  current: Row = {};
  readonly #options: KeyedProcessOptions;
  readonly #code: Code;
  readonly #given: (row: Row) => Row;
  readonly #returned: ReturnedRows;
  readonly #kept: KeyedValues;
  #toldMs = -Infinity;

  constructor(options: KeyedProcessOptions) {
    const { name, code, process } = options;
    this.view = name;
    this.#options = options;
    this.#code = code as Code;
    this.#given = givenRow(process.reads);
    this.#returned = new ReturnedRows(name, process);
    const { disk } = options;
    this.#kept = new KeyedValues(
      { partitions: [only], trackChanges: true, ...(disk && { overflow: disk }) },
      (key, timer, dueMs) => this.#timer(key as string, timer, dueMs),
    );
    disk?.attach(this.#kept);
    this.log = new StateLog(name, this.#kept);
  }

  run(row: Row, timeMs: number): void {
    const { codec, aside, watermarks } = this.#options;
    const key = codec.encode(row);
    if (key === undefined) return aside('rejected', keylessReason(this.view));
    if (Math.abs(timeMs) > maxTimeMs) {
      const reason = `the event time ${timeMs} is not between the years -271821 and 275760`;
      return aside('rejected', { code: 'STREAMS_EVENT_TIME', reason, view: this.view, timeMs });
    }
    const made = this.#call(key, { timeMs, afterMs: this.watermark }, (context) =>
      this.#code.process(this.#given(row), context),
    );
    if ('reason' in made) aside('deadLetter', made.reason);
    else this.#give(made.rows, timeMs);
    if (watermarks === 'events') this.passed(timeMs);
  }

  #timer(key: string, name: string, dueMs: number): void {
    const made = this.#call(key, { timeMs: dueMs, afterMs: dueMs }, (context) =>
      this.#code.onTimer?.({ name }, context),
    );
    const { traces } = this.#options;
    if ('rows' in made) {
      const give = () => this.#give(made.rows, dueMs);
      // What is being read now has only moved event time.
      if (traces === undefined) give();
      else traces.during(undefined, give);
    } else
      this.#options.timerAside(
        { ...this.#columns(key), timer: name, timeMs: dueMs },
        'deadLetter',
        made.reason,
      );
  }

  #call(
    key: string,
    times: { readonly timeMs: number; readonly afterMs: number },
    code: (context: KeyedContext) => unknown,
  ): Made {
    const columns = this.#columns(key);
    const draft = new KeyDraft(this.#kept.of(key), { ...times, key: columns });
    const made = this.#returned.of(() => code(draft), columns);
    const kept = draft.end();
    // Of a call that failed nothing is kept.
    if (kept !== undefined && 'rows' in made) this.#kept.put(key, kept);
    return made;
  }

  #columns(key: string): Row {
    const values = this.#options.codec.decode(key);
    return Object.fromEntries(this.#options.process.by!.map((name, at) => [name, values[at]]));
  }

  #give(rows: readonly Row[], timeMs: number): void {
    for (const row of rows) {
      this.current = row;
      for (const { steps, target } of this.#options.readers) steps.run(row, timeMs, target);
      for (const side of this.#options.sides) side.run(row, timeMs);
    }
  }

  passed(timeMs: number): void {
    this.#kept.advanceWatermark(timeMs - this.#options.outOfOrderMs, only);
    const { watermark } = this;
    if (!(watermark > this.#toldMs)) return;
    this.#toldMs = watermark;
    for (const { target } of this.#options.readers) target.passed(watermark);
    for (const side of this.#options.sides) side.passed(watermark);
  }

  /** No row with a smaller time will come of what is on time. */
  get watermark(): number {
    return this.#kept.watermark;
  }

  get size() {
    return { keys: this.#kept.keyCount, windows: 0 };
  }

  flush(_context: FlushContext): void {
    // Rows go on as they come.
  }

  row(): void {
    throw new TypeError('own code takes rows as they are, before they are grouped');
  }

  keyless(): void {
    // Its own key is looked at in `run`.
  }

  read(): void {
    // Queries read views.
  }
}
