import { describe, expect, it } from '@jest/globals';
import { findings } from '@millrace/views';
import { defaultRangeMs, findingsShownMs, rangeAt, shownMs } from './time-range.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

describe('the range of a page', () => {
  it.each([
    [10_000, 15 * minuteMs],
    [minuteMs, 15 * minuteMs],
    [hourMs, 24 * hourMs],
    [dayMs, 7 * dayMs],
    [30 * dayMs, 30 * dayMs],
  ])('begins, for windows of %d ms, with %d ms', (windowMs, rangeMs) => {
    expect(defaultRangeMs(windowMs)).toBe(rangeMs);
  });

  it('is longer for a view of which it would show too few windows', () => {
    expect(shownMs(15 * minuteMs, minuteMs)).toBe(15 * minuteMs);
    expect(shownMs(24 * hourMs, dayMs)).toBe(7 * dayMs);
  });

  it('is at least a day for findings, or what their panel says', () => {
    expect(findingsShownMs(findings(), 15 * minuteMs)).toBe(dayMs);
    expect(findingsShownMs(findings(), 7 * dayMs)).toBe(7 * dayMs);
    expect(findingsShownMs(findings({ overMs: hourMs }), 15 * minuteMs)).toBe(hourMs);
  });

  it('ends with the window that is filling, and moves by whole windows', () => {
    const range = rangeAt(10 * hourMs + 1, 24 * hourMs, hourMs);
    expect(range).toEqual({ fromMs: -13 * hourMs, toMs: 11 * hourMs });
    expect(rangeAt(11 * hourMs - 1, 24 * hourMs, hourMs)).toEqual(range);
  });
});
