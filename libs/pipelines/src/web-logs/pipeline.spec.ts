import { describe, expect, it } from '@jest/globals';
import { testPipeline } from '@millrace/streams/testing';
import { goldenSuite } from '../../testing/golden-suite.ts';
import { seededRandom } from '../random.ts';
import { accessLogEvent } from './access-log-event.ts';
import type { AccessLogLine } from './access-log-line.ts';
import { simulatedRequest } from './events.ts';
import { batch } from './golden/batch.ts';
import { input } from './golden/input.ts';
import { webLogs } from './pipeline.ts';

const startMs = Date.UTC(2026, 0, 1);
const minuteMs = 60_000;

/** Ten minutes of requests, ten a second; their times jitter by less than the pipeline's bound. */
const requests: AccessLogLine[] = Array.from({ length: 6000 }, (_, index) => {
  const jitterMs = Math.floor(seededRandom(9, index).next() * 1900);
  return simulatedRequest(7, index, startMs + index * 100 + jitterMs);
});
const endMs = startMs + 11 * minuteMs;

const toEvent = (line: AccessLogLine) => ({ ...accessLogEvent(line, { text: '', simulated: true }) });

function run(lines: readonly AccessLogLine[]) {
  const driver = testPipeline(webLogs);
  driver.advanceTime(endMs);
  driver.pipeAll('logs', lines.map(toEvent));
  driver.advanceWatermark('logs', endMs);
  return driver;
}

const finals = (rows: readonly Record<string, unknown>[]) => rows.filter(({ state }) => state === 'final');

/** The nearest-rank quantile of all numbers of a window: the slow and plain way. */
function exactQuantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

const byWindow = Map.groupBy(requests, ({ timeMs }) => Math.floor(timeMs / 10_000) * 10_000);

describe('web-logs', () => {
  it('counts per ten seconds what a plain batch computation counts', () => {
    const rows = finals(run(requests).rows('traffic'));
    expect(rows.map(({ windowStart }) => windowStart)).toEqual([...byWindow.keys()].sort((a, b) => a - b));
    for (const row of rows) {
      const lines = byWindow.get(row.windowStart as number) ?? [];
      const errors = lines.filter(({ status }) => status >= 400).length;
      expect(row).toMatchObject({
        requests: lines.length,
        simulated_requests: lines.length,
        errors,
        bytes: lines.reduce((sum, { bytes }) => sum + bytes, 0),
      });
      expect(row.error_rate).toBeCloseTo(errors / lines.length, 12);
      const durations = lines.map(({ durationMs }) => durationMs ?? 0);
      for (const [name, q] of [
        ['p50_ms', 0.5],
        ['p95_ms', 0.95],
        ['p99_ms', 0.99],
      ] as const) {
        const exact = exactQuantile(durations, q);
        expect(Math.abs((row[name] as number) - exact)).toBeLessThanOrEqual(exact * 0.0101);
      }
      const paths = Map.groupBy(lines, ({ path }) => path);
      const top = (row.top_paths as { value: string; count: number }[]).map(({ value, count }) => [
        value,
        count,
      ]);
      const counts = [...paths].map(([path, of]) => [path, of.length] as const);
      expect(new Map(top as [string, number][])).toEqual(new Map(counts));
    }
  });

  it('revises a window within a minute of its end and sets aside what comes later', () => {
    const driver = run(requests.slice(0, 100));
    driver.rows('traffic');
    const late = { ...toEvent(requests[0]!), time: startMs };
    driver.pipe('logs', late);
    expect(driver.late()).toHaveLength(2); // once for each view
    expect(driver.rows('traffic')).toEqual([]);
  });
});

goldenSuite(webLogs, { input, batch, directory: import.meta.dirname });
