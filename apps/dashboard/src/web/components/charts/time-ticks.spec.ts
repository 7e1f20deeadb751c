import { describe, expect, it } from '@jest/globals';
import { tickTexts, timeTicks } from './time-ticks.ts';

const at = (time: string) => Date.parse(`2026-11-22T${time}Z`);

describe('timeTicks', () => {
  it.each([
    ['08:00:10', '08:15:10', 6, ['08:03', '08:06', '08:09', '08:12', '08:15']],
    ['08:00:10', '08:15:10', 3, ['08:05', '08:10', '08:15']],
    ['08:00:00', '09:00:00', 6, ['08:00', '08:10', '08:20', '08:30', '08:40', '08:50']],
    ['08:00:00', '08:01:00', 4, ['08:00:00', '08:00:15', '08:00:30', '08:00:45']],
    ['00:00:00', '23:59:59', 4, ['22 Nov', '06:00', '12:00', '18:00']],
  ])('between %s and %s, %d at most', (from, to, count, expected) => {
    const range = { fromMs: at(from), toMs: at(to) };
    const ticks = timeTicks(range, count, 'utc');
    expect(tickTexts(ticks, 'utc')).toEqual(expected);
  });
});
