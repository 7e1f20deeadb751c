import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { calendar, count, windowed } from '../index.ts';
import { CalendarSlicer } from './calendar-slicer.ts';
import type { CalendarWindow } from './window.ts';

const iso = (timeMs: number): string => new Date(timeMs).toISOString().replace('.000Z', 'Z');

function windowOf(window: CalendarWindow, time: string): string[] {
  const slicer = new CalendarSlicer(window);
  slicer.locate(Date.parse(time));
  return [iso(slicer.start), iso(slicer.end), `${(slicer.end - slicer.start) / 3_600_000} h`];
}

const day = calendar({ unit: 'day', timeZone: 'Europe/Berlin' });

describe('calendar windows', () => {
  it('have 23 hours on the day that clocks go forward, and 25 when they go back', () => {
    expect(windowOf(day, '2026-03-29T12:00:00Z')).toEqual([
      '2026-03-28T23:00:00Z',
      '2026-03-29T22:00:00Z',
      '23 h',
    ]);
    expect(windowOf(day, '2026-10-25T12:00:00Z')).toEqual([
      '2026-10-24T22:00:00Z',
      '2026-10-25T23:00:00Z',
      '25 h',
    ]);
    expect(windowOf(day, '2026-07-01T12:00:00Z')[2]).toBe('24 h');
  });

  it('begin at the local midnight and hold it', () => {
    expect(windowOf(day, '2026-06-30T22:00:00Z')[0]).toBe('2026-06-30T22:00:00Z');
    expect(windowOf(day, '2026-06-30T21:59:59.999Z')[1]).toBe('2026-06-30T22:00:00Z');
  });

  it('begin with the first moment after a midnight that clocks skip', () => {
    const beirut = calendar({ unit: 'day', timeZone: 'Asia/Beirut' });
    expect(windowOf(beirut, '2022-03-27T12:00:00Z')).toEqual([
      '2022-03-26T22:00:00Z',
      '2022-03-27T21:00:00Z',
      '23 h',
    ]);
  });

  it('know weeks by their first day, months by their length, and years before 1970', () => {
    const week = calendar({ unit: 'week', timeZone: 'UTC' });
    const fromSunday = calendar({ unit: 'week', timeZone: 'UTC', weekStartsOn: 7 });
    const month = calendar({ unit: 'month', timeZone: 'America/New_York' });
    expect(windowOf(week, '2026-11-22T12:00:00Z').slice(0, 2)).toEqual([
      '2026-11-16T00:00:00Z',
      '2026-11-23T00:00:00Z',
    ]);
    expect(windowOf(fromSunday, '2026-11-22T12:00:00Z').slice(0, 2)).toEqual([
      '2026-11-22T00:00:00Z',
      '2026-11-29T00:00:00Z',
    ]);
    expect(windowOf(month, '2026-03-15T12:00:00Z')).toEqual([
      '2026-03-01T05:00:00Z',
      '2026-04-01T04:00:00Z',
      '743 h',
    ]);
    expect(windowOf(week, '1969-12-31T12:00:00Z').slice(0, 2)).toEqual([
      '1969-12-29T00:00:00Z',
      '1970-01-05T00:00:00Z',
    ]);
  });

  it('lie side by side without gap or overlap, at any time and in any zone', () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/St_Johns',
      'Pacific/Apia',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom('day' as const, 'week' as const, 'month' as const),
        fc.integer({ min: Date.parse('1990-01-01'), max: Date.parse('2040-01-01') }),
        (timeZone, unit, time) => {
          const slicer = new CalendarSlicer(calendar({ unit, timeZone }));
          slicer.locate(time);
          const { start, end } = slicer;
          expect(start <= time && time < end).toBe(true);
          const again = new CalendarSlicer(calendar({ unit, timeZone }));
          again.locate(start);
          expect([again.start, again.end]).toEqual([start, end]);
          again.locate(end);
          expect(again.start).toBe(end);
          again.locate(start - 1);
          expect(again.end).toBe(start);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('count events by local day', () => {
    const perDay = windowed({ window: day, time: (t: number) => t, aggregates: { n: count() } });
    const rows = ['2026-03-28T23:30:00Z', '2026-03-29T21:30:00Z', '2026-03-29T22:30:00Z'].flatMap((time) =>
      perDay.push(Date.parse(time)),
    );
    expect([...rows, ...perDay.finish()].map(({ windowStart, n }) => [iso(windowStart!), n])).toEqual([
      ['2026-03-28T23:00:00Z', 2],
      ['2026-03-29T22:00:00Z', 1],
    ]);
  });
});
