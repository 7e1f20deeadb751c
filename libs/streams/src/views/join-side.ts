import type { Compiled, Row } from '../definition/compile-expression.ts';
import { carrying } from '../tracing/carried-trace.ts';
import type { TaskTraces } from '../tracing/task-traces.ts';
import type { JoinTarget, ReadingJoin, SideNumber } from './join-target.ts';
import type { RowSteps } from './view-steps.ts';
import type { SetCurrentAside } from './window-target.ts';

export interface JoinSideOptions {
  readonly target: JoinTarget;
  readonly side: SideNumber;
  /** The fields that anybody reads of joined rows. */
  readonly fields: readonly string[];
  readonly where: Compiled | undefined;
  /** `explicit`: rows do not move event time, only `passed` does. */
  readonly watermarks: 'events' | 'explicit';
  readonly outOfOrderMs: number;
  readonly aside: SetCurrentAside;
  /** Absent: trace contexts are not carried. */
  readonly traces: TaskTraces | undefined;
}

/**
 * One side of a join: takes the rows of a source or of another join. Whether a row is late is judged by its own partition's event
 * time, so that the verdict does not depend on how the sides are read against each other.
 */
export class JoinSide implements RowSteps, ReadingJoin {
  readonly target: JoinTarget;
  readonly #options: JoinSideOptions;

  constructor(options: JoinSideOptions) {
    this.#options = options;
    this.target = options.target;
  }

  run(row: Row, timeMs: number): void {
    const { target, side, where, watermarks, outOfOrderMs } = this.#options;
    const goesOn = (where !== undefined && where(row) !== true) || this.#add(row, timeMs);
    if (!goesOn) return;
    if (watermarks === 'events') target.advance(side, timeMs - outOfOrderMs);
  }

  /** False for a row that must not move event time. */
  #add(row: Row, timeMs: number): boolean {
    const { target, side, fields, aside, traces } = this.#options;
    const watermark = target.lateMark(side);
    if (watermark > timeMs + target.reachMs[side]) {
      aside('late', {
        code: 'STREAMS_LATE',
        reason: `no partner of it in join "${target.view}" can still be held`,
        view: target.view,
        timeMs,
        watermark,
        latenessMs: watermark - timeMs,
      });
      return true;
    }
    const read: Row = {};
    for (const name of fields) read[name] = row[name] ?? null;
    const kept = carrying(read, traces?.current);
    const key = target.codec.encode(row);
    if (key === undefined) target.addAlone(side, timeMs, kept);
    else if (!target.add(side, key, timeMs, kept)) {
      const reason = `the event time ${timeMs} is not between the years -271821 and 275760`;
      aside('rejected', { code: 'STREAMS_EVENT_TIME', reason, view: target.view, timeMs });
      return false;
    }
    return true;
  }

  /** Moves event time, of which `outOfOrderMs` is still to be taken. */
  passed(timeMs: number): void {
    this.#options.target.advance(this.#options.side, timeMs - this.#options.outOfOrderMs);
  }

  setIdle(isIdle: boolean): void {
    this.#options.target.setIdle(this.#options.side, isIdle);
  }
}
