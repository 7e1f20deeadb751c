import { describe, expect, it } from '@jest/globals';
import { count, mean, quantile, tumbling, windowed } from './index.ts';

interface Request {
  at: number;
  route: string;
  ms: number | null;
}

const request = (at: number, route: string, ms: number | null = 1): Request => ({ at, route, ms });

describe('windowed', () => {
  const perMinute = () =>
    windowed({
      window: tumbling({ sizeMs: 60_000 }),
      outOfOrderMs: 5_000,
      time: (r: Request) => r.at,
      key: (r: Request) => r.route,
      aggregates: { requests: count(), meanMs: mean('ms'), p95Ms: quantile((r: Request) => r.ms, 0.95) },
    });

  it('returns the final results of a window with the event that closes it', () => {
    const view = perMinute();
    expect(view.push(request(0, '/', 10))).toEqual([]);
    expect(view.push(request(59_999, '/', 30))).toEqual([]);
    expect(view.push(request(64_999, '/', 5))).toEqual([]);
    expect(view.push(request(65_000, '/', 5))).toEqual([
      {
        key: '/',
        windowStart: 0,
        windowEnd: 60_000,
        requests: 2,
        meanMs: 20,
        p95Ms: 30,
        state: 'final',
        revision: 0,
        watermark: 60_000,
      },
    ]);
  });

  it('gives columns the types of their aggregates', () => {
    const view = perMinute();
    view.push(request(0, '/', null));
    const [row] = view.finish();
    const requests: number = row!.requests;
    const meanMs: number | null = row!.meanMs;
    expect([requests, meanMs]).toEqual([1, null]);
  });

  it('rejects an event without key and goes on', () => {
    const rejected: string[] = [];
    const view = windowed({
      window: tumbling({ sizeMs: 10 }),
      time: (r: { t: number; k: string | null }) => r.t,
      key: (r) => r.k,
      aggregates: { n: count() },
      onRejected: ({ code }) => rejected.push(code),
    });
    view.push({ t: 1, k: null });
    view.push({ t: NaN, k: 'a' });
    view.push({ t: 2, k: 'a' });
    expect(view.finish()).toHaveLength(1);
    expect(rejected).toEqual(['WINDOWING_KEY_INVALID', 'WINDOWING_TIME_INVALID']);
  });
});
