import { seededRandom } from '../random.ts';
import type { AccessLogLine } from './access-log-line.ts';

/** How a simulated site answers: which paths are asked for, how long they take and how often they fail. */
const routes = [
  { path: '/', medianMs: 18, errorRate: 0.002, bytes: 14_200 },
  { path: '/products', medianMs: 42, errorRate: 0.004, bytes: 38_900 },
  { path: '/api/search', medianMs: 95, errorRate: 0.02, bytes: 5_300 },
  { path: '/cart', medianMs: 35, errorRate: 0.008, bytes: 6_100 },
  { path: '/login', medianMs: 60, errorRate: 0.03, bytes: 2_400 },
  { path: '/checkout', medianMs: 160, errorRate: 0.025, bytes: 8_700 },
  { path: '/static/app.js', medianMs: 4, errorRate: 0.0005, bytes: 182_000 },
  { path: '/static/style.css', medianMs: 3, errorRate: 0.0005, bytes: 21_000 },
  { path: '/about', medianMs: 12, errorRate: 0.001, bytes: 9_800 },
  { path: '/wp-admin', medianMs: 6, errorRate: 1, bytes: 312 },
] as const;

const agents = [
  [6, 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0'],
  [4, 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Safari/605.1'],
  [2, 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Firefox/145.0'],
  [1, 'curl/8.15.0'],
] as const;

const failures = [
  [5, 404],
  [3, 500],
  [1, 503],
  [1, 429],
] as const;

/**
 * Request number `index` of a simulated site at `timeMs`: the same for the same seed. Hosts are of 198.51.100.0/24, the
 * range that RFC 5737 keeps for documentation.
 */
export function simulatedRequest(seed: number, index: number, timeMs: number): AccessLogLine {
  const random = seededRandom(seed, index);
  const route = routes[random.zipf(routes.length, 1)] ?? routes[0];
  const failed = random.next() < route.errorRate;
  const status = failed ? (route.errorRate === 1 ? 404 : random.weighted(failures)) : 200;
  return {
    timeMs,
    host: `198.51.100.${1 + random.zipf(250, 0.8)}`,
    user: null,
    method: route.path === '/login' || route.path === '/checkout' ? 'POST' : 'GET',
    path: route.path,
    protocol: 'HTTP/1.1',
    status,
    bytes: status === 200 ? Math.round(route.bytes * (0.8 + 0.4 * random.next())) : 312,
    durationMs: Math.round(random.logNormal(route.medianMs, 0.6) * 1000) / 1000,
    referrer: null,
    userAgent: random.weighted(agents),
  };
}
