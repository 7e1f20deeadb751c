import type { AccessLog } from '@millrace/schemas';
import type { Row } from '@millrace/streams';
import type { GoldenEvent } from '../../golden-event.ts';

const sizeMs = 10_000;

/** The final rows of every view, computed plainly. Left out: quantiles and top paths, which are sketches. */
export function batch(events: readonly GoldenEvent[]): Record<string, Row[]> {
  const requests = events.map(({ value }) => value as unknown as AccessLog);
  const windowOf = ({ time }: AccessLog) => Math.floor(time / sizeMs) * sizeMs;
  const isError = ({ status }: AccessLog) => status >= 400;
  const traffic: Row[] = [];
  for (const [windowStart, of] of Map.groupBy(requests, windowOf)) {
    const errors = of.filter(isError).length;
    traffic.push({
      windowStart,
      windowEnd: windowStart + sizeMs,
      requests: of.length,
      simulated_requests: of.filter(({ simulated }) => simulated).length,
      errors,
      error_rate: errors / of.length,
      bytes: of.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
    });
  }
  const byPath: Row[] = [];
  for (const [path, all] of Map.groupBy(requests, (request) => request.path))
    for (const [windowStart, of] of Map.groupBy(all, windowOf))
      byPath.push({
        path,
        windowStart,
        windowEnd: windowStart + sizeMs,
        requests: of.length,
        errors: of.filter(isError).length,
      });
  return { traffic, requests_by_path: byPath };
}
