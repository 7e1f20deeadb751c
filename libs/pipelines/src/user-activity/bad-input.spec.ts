import { describe, expect, it } from '@jest/globals';
import type { Row } from '@millrace/streams';
import { testPipeline } from '@millrace/streams/testing';
import { userActivityEvents } from './events.ts';
import { userActivity } from './pipeline.ts';

const fromMs = Date.UTC(2026, 0, 5, 12);
const hourMs = 3_600_000;
const events = userActivityEvents({ seed: 2, fromMs, toMs: fromMs + hourMs / 2, visitsPerHour: 60 });

/** The final minutes of log-ins when `strange` events come among the others. */
function run(strange: readonly Row[]) {
  const driver = testPipeline(userActivity);
  driver.advanceTime(fromMs + hourMs / 2);
  const half = Math.floor(events.length / 2);
  for (const { source, value } of events.slice(0, half)) driver.pipe(source, { ...value });
  for (const row of strange) driver.pipe('auth', row);
  for (const { source, value } of events.slice(half)) driver.pipe(source, { ...value });
  for (const source of Object.keys(userActivity.sources))
    driver.advanceWatermark(source, fromMs + 9 * hourMs);
  const rows = driver.rows('auth_per_minute').filter(({ state }) => state === 'final');
  return { driver, rows: rows.map(({ watermark: _watermark, ...row }) => row) };
}

const auth = events.find(({ source }) => source === 'auth')!.value;
const undisturbed = run([]).rows;

describe('bad input', () => {
  it.each([
    ['an hour', hourMs],
    ['a year', 365 * 24 * hourMs],
  ])('sets aside a clock that is %s ahead: no window closes early', (_ahead, aheadMs) => {
    const { driver, rows } = run([{ ...auth, event_time: fromMs + hourMs / 2 + aheadMs }]);
    expect(rows).toEqual(undisturbed);
    expect(driver.rejected()).toMatchObject([{ code: 'STREAMS_FUTURE', source: 'auth' }]);
  });

  it('sets aside time that goes backwards beyond the grace, with window and lateness, and counts the rest as before', () => {
    const { driver, rows } = run([{ ...auth, event_time: fromMs - hourMs }]);
    expect(rows).toEqual(undisturbed);
    const late = driver.late();
    expect(late).toContainEqual(
      expect.objectContaining({ view: 'auth_per_minute', windowStart: fromMs - hourMs }),
    );
    for (const { latenessMs } of late) expect(latenessMs).toBeGreaterThan(60_000);
    // The event log takes it all the same: nothing is lost.
    expect(driver.rows('auth_logs')).toContainEqual(expect.objectContaining({ event_time: fromMs - hourMs }));
  });

  it('makes a dead letter of an event without a time', () => {
    const { driver, rows } = run([{ ...auth, event_time: null }]);
    expect(rows).toEqual(undisturbed);
    expect(driver.deadLetters()).toMatchObject([{ code: 'STREAMS_EVENT_TIME' }]);
  });

  it('says in the event log what is wrong with an event', () => {
    const at = { ...auth, event_time: fromMs + 1000 };
    const { driver } = run([
      { ...at, event_id: 'x1', event_type: 'LOGIN?' },
      { ...at, event_id: 'x2', success: false, failure_reason: null },
    ]);
    const problems = driver.rows('auth_logs').filter(({ problem }) => problem !== null);
    expect(problems.map(({ event_id, problem }) => [event_id, problem])).toEqual([
      ['x1', 'unknown event_type LOGIN?'],
      ['x2', 'a failure without failure_reason'],
    ]);
  });

  it('rejects a place that is not on earth from impossible travel alone', () => {
    const { driver, rows } = run([{ ...auth, event_type: 'login', success: true, latitude: 123 }]);
    expect(driver.rejected()).toMatchObject([
      { code: 'WINDOWING_NUMBER_INVALID', view: 'impossible_travel' },
    ]);
    expect(rows.length).toBe(undisturbed.length);
  });
});
