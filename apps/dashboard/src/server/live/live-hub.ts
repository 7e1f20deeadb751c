import type { LiveHeartbeat, LiveRows, LiveWatermark, ResultRow } from '@millrace/views';
import { RecentRows, type RowChange } from './recent-rows.ts';
import { ViewWatermark } from './view-watermark.ts';

/** Rows kept per view for readers that come (back): more than a store lags behind, and some 300 kB at most. */
export const MAX_RECENT_ROWS = 1_000;
/** Rows in one event, so that a browser has something to draw before all of a large view is there. */
const MAX_ROWS_PER_EVENT = 500;

/** What reads the hub: gets whole Server-Sent Events as text. */
export interface LiveReader {
  readonly views: ReadonlySet<string>;
  send(text: string): void;
}

interface ViewState {
  readonly recent: RecentRows;
  readonly watermark: ViewWatermark;
  flushedUpTo: number;
  unsentChanges: number;
  watermarkMoved: boolean;
}

/** A change of one view's results, as read from `partition` of its topic. */
export interface ViewChange {
  readonly view: string;
  readonly partition: number;
  readonly change: RowChange;
}

const event = (name: string, id: string | undefined, data: unknown): string =>
  `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;

/**
 * Spreads changes of results to any number of readers as Server-Sent Events. Changes are gathered until
 * {@link LiveHub.flush}; each event is made once, whoever many read it. An event's id is `<instance>.<sequence>`:
 * a reader that comes back with one gets the newest form of every row that changed since, and a `reset` event before
 * them where the hub no longer knows (another instance, or too long ago), upon which it reads the history again.
 */
export class LiveHub {
  readonly #instance: string;
  readonly #views: ReadonlyMap<string, ViewState>;
  readonly #readers = new Set<LiveReader>();
  readonly #maxRecentRows: number;
  #sequence = 0;

  constructor(
    instance: string,
    views: readonly { readonly name: string; readonly keyColumns: readonly string[] }[],
    maxRecentRows = MAX_RECENT_ROWS,
  ) {
    this.#instance = instance;
    this.#maxRecentRows = maxRecentRows;
    this.#views = new Map(
      views.map(({ name, keyColumns }) => [
        name,
        {
          recent: new RecentRows(keyColumns, maxRecentRows),
          watermark: new ViewWatermark(),
          flushedUpTo: 0,
          unsentChanges: 0,
          watermarkMoved: false,
        },
      ]),
    );
  }

  get readerCount(): number {
    return this.#readers.size;
  }

  /** The view's watermark as its results have told it since this hub began; null before the first. */
  watermark(view: string): number | null {
    return this.#views.get(view)?.watermark.value ?? null;
  }

  /** Takes changes; views that the hub was not made with are ignored. */
  publish(changes: readonly ViewChange[], nowMs: number): void {
    for (const { view, partition, change } of changes) {
      const state = this.#views.get(view);
      if (state === undefined) continue;
      if (state.unsentChanges >= this.#maxRecentRows) this.#flushView(view, state);
      state.recent.put(change, ++this.#sequence);
      state.unsentChanges++;
      if ('row' in change && state.watermark.note(partition, change.row.watermark, nowMs)) {
        state.watermarkMoved = true;
      }
    }
  }

  /** Sends what was published since the last call. */
  flush(): void {
    for (const [view, state] of this.#views) if (state.unsentChanges > 0) this.#flushView(view, state);
  }

  /** Sends every reader a sign of life. */
  heartbeat(data: LiveHeartbeat): void {
    const text = event('heartbeat', undefined, data);
    for (const reader of this.#readers) reader.send(text);
  }

  /** Adds a reader after sending it what it missed since `lastEventId`, or all recent rows where there is none. */
  add(reader: LiveReader, lastEventId?: string): void {
    const missedSince = this.#sequenceOf(lastEventId);
    let text = '';
    for (const view of reader.views) {
      const state = this.#views.get(view);
      if (state === undefined) continue;
      const known = missedSince !== undefined && state.recent.reachesBackTo(missedSince);
      if (lastEventId !== undefined && !known) text += event('reset', undefined, { view });
      text += this.#changesText(view, state, known ? missedSince : 0, true);
    }
    this.#readers.add(reader);
    if (text !== '') reader.send(text);
  }

  remove(reader: LiveReader): void {
    this.#readers.delete(reader);
  }

  #sequenceOf(lastEventId: string | undefined): number | undefined {
    const match = /^(.+)\.(\d{1,15})$/.exec(lastEventId ?? '');
    if (match?.[1] !== this.#instance) return undefined;
    const sequence = Number(match[2]);
    return sequence <= this.#sequence ? sequence : undefined;
  }

  #flushView(view: string, state: ViewState): void {
    const text = this.#changesText(view, state, state.flushedUpTo, state.watermarkMoved);
    for (const reader of this.#readers) if (reader.views.has(view)) reader.send(text);
    state.flushedUpTo = this.#sequence;
    state.unsentChanges = 0;
    state.watermarkMoved = false;
  }

  #changesText(view: string, state: ViewState, since: number, withWatermark: boolean): string {
    const { rows, removed } = state.recent.since(since);
    const events: LiveRows[] = [];
    for (let start = 0; start < Math.max(rows.length, 1); start += MAX_ROWS_PER_EVENT) {
      const part: readonly ResultRow[] = rows.slice(start, start + MAX_ROWS_PER_EVENT);
      const gone = start === 0 ? removed : [];
      if (part.length + gone.length > 0) events.push({ view, rows: part, removed: gone });
    }
    const id = `${this.#instance}.${this.#sequence}`;
    // Only the last event of a group carries the id: a reader cut off between them gets all of them again.
    let text = events
      .map((data, index) => event('rows', index === events.length - 1 ? id : undefined, data))
      .join('');
    const watermark = state.watermark.value;
    if (withWatermark && watermark !== null) {
      text += event('watermark', undefined, { view, watermark } satisfies LiveWatermark);
    }
    return text;
  }
}
