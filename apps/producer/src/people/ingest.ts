import { setTimeout as sleep } from 'node:timers/promises';
import { parseProfile, profileHash } from '@millrace/pipelines';
import type { UserCreated } from '@millrace/schemas';
import type { FeedItem } from '../feeds/feed.ts';
import type { Source, SourceBatch, SourcePosition, SourceState } from '../sources/source.ts';
import { beginRun, type Progress, runEvent, toProgress } from './ingestion-run.ts';
import { KnownProfiles } from './known-profiles.ts';
import { type Page, PageError } from './page-client.ts';
import type { Schedule } from './schedule.ts';

/** What a source of pages gives; closed when the ingestion ends. */
export interface Pages {
  page(page: number, signal: AbortSignal): Promise<Page>;
  close(): Promise<void>;
}

export interface IngestOptions {
  readonly name: string;
  readonly description: string;
  readonly schedule: Schedule;
  readonly pageSize: number;
  /** A run ends after this many, or with one that is not full. */
  readonly maxPages: number;
  readonly maxKnown?: number;
  readonly openPages: () => Promise<Pages>;
  readonly now?: () => number;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Fetches profiles on a schedule: what is new or has changed becomes an event, what is no profile a dead letter, every run is
 * told of when it begins and ends. Its position is how far the run is: after a crash it goes on with the next page.
 */
export function ingest(options: IngestOptions): Source<FeedItem> {
  const { name, description } = options;
  return { name, description, keepsState: true, open: (...where) => run(options, ...where) };
}

async function* run(
  options: IngestOptions,
  position: SourcePosition | undefined,
  signal: AbortSignal,
  state: SourceState = new Map(),
): AsyncIterable<SourceBatch<FeedItem>> {
  const { name, schedule, pageSize, maxPages, now = Date.now, wait = pause } = options;
  const known = new KnownProfiles(state, options.maxKnown);
  const pages = await options.openPages();
  let progress = toProgress(position);
  try {
    for (;;) {
      if (progress === undefined || progress.page === 0) {
        const due = schedule.after(progress?.dueMs, now());
        await wait(due.dueMs - now(), signal);
        if (signal.aborted) return;
        progress = beginRun(name, due, now());
        yield {
          items: [runEvent(progress, { status: 'running', reason: null, ended_at: null })],
          position: progress,
        };
      }
      let items: FeedItem[];
      try {
        const page = await pages.page(progress.page, signal);
        const seen = seePage(page, { progress, known, nowMs: now() });
        items = seen.items;
        progress = seen.progress;
        const isLast = page.profiles.length < pageSize || progress.page > maxPages;
        if (isLast) {
          items.push(runEvent(progress, { status: 'done', reason: null, ended_at: now() }));
          progress = { ...progress, page: 0 };
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof PageError)) throw error;
        items = [runEvent(progress, { status: 'failed', reason: error.message, ended_at: now() })];
        progress = { ...progress, page: 0 };
      }
      yield { items, position: progress };
    }
  } finally {
    await pages.close();
  }
}

interface Seen {
  readonly progress: Progress;
  readonly known: KnownProfiles;
  readonly nowMs: number;
}

/** What a page's profiles become, and how far the run is then. */
function seePage({ profiles, simulated }: Page, { progress, known, nowMs }: Seen) {
  const items: FeedItem[] = [];
  const counts = { created: 0, updated: 0, unchanged: 0, refused: 0 };
  for (const raw of profiles) {
    const parsed = parseProfile(raw, nowMs);
    if (!parsed.ok) {
      counts.refused++;
      const code = `USER_INGESTION_PROFILE_${parsed.fault.rule.toUpperCase().replace('-', '_')}`;
      items.push({ code, reason: parsed.fault.message, original: Buffer.from(JSON.stringify(raw)) });
      continue;
    }
    const { user } = parsed;
    const { change, keep } = known.see(user.user_id, profileHash(user));
    counts[change]++;
    if (change === 'unchanged') continue;
    const value: UserCreated = { ...user, ingested_at: nowMs, run_id: progress.runId, change, simulated };
    items.push({ source: 'users', key: user.user_id, value }, ...keep);
  }
  const next: Progress = {
    ...progress,
    page: progress.page + 1,
    fetched: progress.fetched + profiles.length,
    created: progress.created + counts.created,
    updated: progress.updated + counts.updated,
    unchanged: progress.unchanged + counts.unchanged,
    refused: progress.refused + counts.refused,
    simulated: simulated ? 1 : 0,
  };
  return { items, progress: next };
}

/** Node's timers take 24 days at most; a schedule may pause longer. */
const LONGEST_PAUSE_MS = 3_600_000;

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  for (let leftMs = ms; leftMs > 0 && !signal.aborted; leftMs -= LONGEST_PAUSE_MS)
    await sleep(Math.min(leftMs, LONGEST_PAUSE_MS), undefined, { signal }).catch(() => undefined);
}
