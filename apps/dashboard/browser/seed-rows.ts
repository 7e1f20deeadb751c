import type { ResultsWorld } from '../integration/results-world.ts';

const PATHS = ['/', '/products', '/products/42', '/cart', '/search', '/login', '/about', '/checkout'];
const WINDOW_MS = 10_000;
/** Windows back from now that have no data, and those that were revised. */
const GAP = { from: 40, to: 45 };
const REVISED = new Set([12, 13]);

/** Stores results of the last `windows` windows up to now: final ones, revised ones, a gap, and the last two filling. */
export async function seedRows(world: ResultsWorld, windows = 90): Promise<void> {
  const nowMs = Date.now();
  const newest = Math.floor(nowMs / WINDOW_MS) * WINDOW_MS;
  const traffic: Record<string, unknown>[] = [];
  const byPath: Record<string, unknown>[] = [];
  for (let back = 0; back < windows; back++) {
    if (back >= GAP.from && back <= GAP.to) continue;
    const windowStart = newest - back * WINDOW_MS;
    const state = back < 2 ? 'filling' : REVISED.has(back) ? 'revised' : 'final';
    const requests = 20 + (back % 7) * 3;
    const errors = back % 5 === 0 ? 1 : 0;
    const counts = PATHS.map((path, index) => ({
      value: path,
      count: Math.round(requests / (index + 2)),
      error: 0,
    }));
    const common = {
      windowStart,
      windowEnd: windowStart + WINDOW_MS,
      errors,
      p95_ms: 60 + (back % 9),
      state,
      revision: state === 'revised' ? 1 : 0,
      watermark: Math.min(nowMs - 12_000, windowStart + 12_000),
    };
    traffic.push({
      ...common,
      requests,
      simulated_requests: requests - 5,
      error_rate: errors / requests,
      bytes: requests * 5_300,
      p50_ms: 12 + (back % 4),
      p99_ms: 140 + (back % 11) * 6,
      top_paths: counts,
    });
    for (const { value, count } of counts) byPath.push({ ...common, path: value, requests: count });
  }
  await world.store('traffic', traffic);
  await world.store('requests_by_path', byPath);
}
