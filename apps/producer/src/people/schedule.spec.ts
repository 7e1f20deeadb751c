import { describe, expect, it } from '@jest/globals';
import { Schedule } from './schedule.ts';

const minuteMs = 60_000;
const noonMs = Date.UTC(2026, 0, 1, 12);

describe('Schedule', () => {
  const everyMinute = new Schedule('* * * * *');

  it('runs at once the first time, then at the next time of the expression', () => {
    expect(everyMinute.after(undefined, noonMs + 1)).toEqual({ dueMs: noonMs + 1, missed: 0 });
    expect(everyMinute.after(noonMs + 1, noonMs + 2)).toEqual({ dueMs: noonMs + minuteMs, missed: 0 });
  });

  it('stands for the runs that were missed, and counts them', () => {
    const nowMs = noonMs + 10 * minuteMs + 5;
    expect(everyMinute.after(noonMs, nowMs)).toEqual({ dueMs: noonMs + 10 * minuteMs, missed: 9 });
    expect(everyMinute.after(0, nowMs).missed).toBe(10_000);
  });

  it('goes by UTC, whatever the machine does', () => {
    expect(new Schedule('30 4 * * *').after(noonMs, noonMs)).toEqual({
      dueMs: noonMs + 16.5 * 60 * minuteMs,
      missed: 0,
    });
  });

  it('refuses what is no cron expression', () => {
    expect(() => new Schedule('every minute')).toThrow();
  });
});
