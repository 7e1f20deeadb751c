import type { RecordHeader } from '@millrace/record-batch';
import { partitionOfKey } from '../tasks/group-key.ts';
import { isSampled, traceContext } from './trace-context.ts';
import type { TraceContext } from './trace-context.ts';
import type { Stretch } from './window-stretch.ts';

interface Traced {
  readonly timeMs: number;
  readonly context: TraceContext;
}

export interface ViewTracesOptions {
  /** An event at exactly a window's end belongs to it. */
  readonly isClosed?: boolean;
  /** The windows are merged elsewhere. */
  readonly isSent?: boolean;
  /** No window begins or ends within such a stretch of time: of a key's events in it, the last one's trace is enough. */
  readonly stretch?: Stretch | undefined;
}

/** Keys of a view and task whose traces are kept; those traced longest ago go first. Traces are samples: this is plenty. */
const maxKeys = 10_000;
/** Of one key: enough for the windows that are open at once. */
const maxPerKey = 8;
/** Traces that one repartition record carries. */
const maxPerRecord = 100;
/** The header in which they travel, as JSON. */
const repartitionHeader = 'millrace-traces';

/**
 * Whose traces the open windows of one view belong to. Of the events of a window the last sampled one gives its context on: a
 * result has one `traceparent`, and a trace that nobody records leads nowhere. Kept in memory only.
 */
export class ViewTraces {
  readonly #byKey = new Map<string, Traced[]>();
  readonly #options: ViewTracesOptions;
  /** What has not been sent through the repartition topic yet. */
  #unsent = new Map<string | number, readonly [key: string, timeMs: number, context: TraceContext]>();
  #serial = 0;

  constructor(options: ViewTracesOptions = {}) {
    this.#options = options;
  }

  note(key: string, timeMs: number, context: TraceContext): void {
    if (!isSampled(context)) return;
    const { isSent, stretch } = this.#options;
    const number = stretch?.(timeMs);
    if (isSent === true) {
      const id = number === undefined ? this.#serial++ : `${number} ${key}`;
      this.#unsent.delete(id);
      this.#unsent.set(id, [key, timeMs, context]);
      if (this.#unsent.size > maxKeys) this.#unsent.delete(this.#unsent.keys().next().value!);
      return;
    }
    const traced = this.#byKey.get(key) ?? [];
    this.#byKey.delete(key);
    this.#byKey.set(key, traced);
    const replaced = number === undefined ? -1 : traced.findIndex((one) => stretch!(one.timeMs) === number);
    if (replaced >= 0 || traced.length === maxPerKey) traced.splice(Math.max(0, replaced), 1);
    traced.push({ timeMs, context });
    if (this.#byKey.size > maxKeys) this.#byKey.delete(this.#byKey.keys().next().value!);
  }

  /** The context of the last traced event of a key within `[start, end)`; a bound that is null is none. */
  find(key: string, start: number | null, end: number | null): TraceContext | undefined {
    const before = end ?? Infinity;
    return this.#byKey
      .get(key)
      ?.findLast(
        ({ timeMs }) =>
          timeMs >= (start ?? -Infinity) &&
          (timeMs < before || (this.#options.isClosed === true && timeMs === before)),
      )?.context;
  }

  /** Takes out what goes to one partition of the repartition topic, as headers of a record. */
  take(partition: number, partitionCount: number): RecordHeader[] | undefined {
    if (this.#unsent.size === 0) return undefined;
    const { mine = [], others = [] } = Object.groupBy(this.#unsent, ([, [key]]) =>
      partitionOfKey(key, partitionCount) === partition ? 'mine' : 'others',
    );
    if (mine.length === 0) return undefined;
    this.#unsent = new Map(others);
    const content = mine
      .slice(-maxPerRecord)
      .map(([, [key, timeMs, { traceparent, tracestate }]]) => [key, timeMs, traceparent, tracestate]);
    return [{ name: repartitionHeader, value: Buffer.from(JSON.stringify(content)) }];
  }

  /** Notes what came through a repartition topic. */
  receive(cursor: { header(name: string): Buffer | undefined }): void {
    const value = cursor.header(repartitionHeader);
    if (value === undefined) return;
    for (const [key, timeMs, traceparent, tracestate] of JSON.parse(value.toString()) as unknown[][]) {
      const context = traceContext(traceparent, tracestate);
      if (context !== undefined) this.note(key as string, timeMs as number, context);
    }
  }
}
