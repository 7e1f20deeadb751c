import type { LiveHeartbeat, LiveRows, LiveWatermark } from '@millrace/views';
import type { ViewStore } from './view-store.ts';

/** No sign of life for this long (the server's heartbeat comes every five seconds) is a lost connection. */
const SILENCE_MS = 12_000;
const REOPEN_AFTER_MS = 2_000;
/** A page that nobody sees gives its connection back: browsers open six to a server, for all their tabs. */
const HIDDEN_MS = 30_000;

export type Connection = 'connecting' | 'live' | 'lost';

export interface LiveStreamOptions {
  readonly stores: ReadonlyMap<string, ViewStore>;
  readonly onConnection: (connection: Connection) => void;
  readonly onHeartbeat: (heartbeat: LiveHeartbeat) => void;
  /** The server no longer knows what this page missed: its history has to be read again. */
  readonly onReset: (view: string) => void;
}

/** Keeps one live stream of all views open, reconnecting by itself; returns what closes it. */
export function openLiveStream({
  stores,
  onConnection,
  onHeartbeat,
  onReset,
}: LiveStreamOptions): () => void {
  const url = `/api/live?views=${[...stores.keys()].map(encodeURIComponent).join(',')}`;
  let source: EventSource | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let reopening: ReturnType<typeof setTimeout> | undefined;
  let opened = 0;

  function alive(): void {
    onConnection('live');
    clearTimeout(silence);
    silence = setTimeout(reopen, SILENCE_MS);
  }

  function reopen(): void {
    onConnection('lost');
    source?.close();
    clearTimeout(silence);
    clearTimeout(reopening);
    reopening = setTimeout(open, REOPEN_AFTER_MS);
  }

  function on<T>(name: string, take: (data: T) => void): void {
    source?.addEventListener(name, (event) => {
      alive();
      take(JSON.parse((event as MessageEvent<string>).data) as T);
    });
  }

  function open(): void {
    source = new EventSource(url);
    // A stream of our own making, not the browser's resumption, has missed whatever came in between.
    if (opened++ > 0) for (const view of stores.keys()) onReset(view);
    source.addEventListener('open', alive);
    source.addEventListener('error', () => {
      // CONNECTING: the browser tries again by itself, with the last event's id. CLOSED: it gave up.
      if (source?.readyState === EventSource.CLOSED) reopen();
      else onConnection('lost');
    });
    on<LiveRows>('rows', ({ view, rows, removed }) => {
      stores.get(view)?.remove(removed);
      stores.get(view)?.merge(rows);
    });
    on<LiveWatermark>('watermark', ({ view, watermark }) => stores.get(view)?.advance(watermark));
    on<LiveHeartbeat>('heartbeat', onHeartbeat);
    on<{ view: string }>('reset', ({ view }) => onReset(view));
  }

  function pause(): void {
    source?.close();
    clearTimeout(silence);
    clearTimeout(reopening);
  }

  let hiding: ReturnType<typeof setTimeout> | undefined;
  let isPaused = false;
  function onVisibility(): void {
    clearTimeout(hiding);
    if (document.visibilityState === 'hidden') {
      hiding = setTimeout(() => {
        isPaused = true;
        pause();
      }, HIDDEN_MS);
    } else if (isPaused) {
      isPaused = false;
      onConnection('connecting');
      open();
    }
  }

  document.addEventListener('visibilitychange', onVisibility);
  onConnection('connecting');
  open();
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    clearTimeout(hiding);
    pause();
  };
}
