import { describe, expect, it } from '@jest/globals';
import type { WeatherEnergy, WeatherObservation } from '@millrace/schemas';
import { modelledEvents } from './events.ts';

const dayMs = 24 * 3_600_000;
const minuteMs = 60_000;
const fromMs = Date.UTC(2026, 0, 12, 8);
const stretch = { seed: 5, fromMs, toMs: fromMs + dayMs, everyMs: 10 * minuteMs };

/** Mean kW of a household's readings over a stretch. */
function meanUse(of: Partial<typeof stretch>, household = 'home-1') {
  const readings = [...modelledEvents({ ...stretch, ...of })].flatMap((event) =>
    event.source === 'readings' && event.key === household ? [event.value] : [],
  );
  return readings.reduce((sum, { use_kw }) => sum + (use_kw ?? 0), 0) / readings.length;
}

describe('modelled households', () => {
  it('are the same each time, however time is cut', () => {
    const cutMs = fromMs + 7.3 * 3_600_000;
    expect([
      ...modelledEvents({ ...stretch, toMs: cutMs }),
      ...modelledEvents({ ...stretch, fromMs: cutMs }),
    ]).toEqual([...modelledEvents(stretch)]);
    expect([...modelledEvents({ ...stretch, seed: 6 })]).not.toEqual([...modelledEvents(stretch)]);
  });

  it('are read at whole multiples of the interval, after the weather of the same time', () => {
    const events = [...modelledEvents({ ...stretch, fromMs: fromMs - 1, toMs: fromMs + 2 * 3_600_000 })];
    expect(events.filter(({ source }) => source === 'weather')).toHaveLength(4);
    expect(events.filter(({ source }) => source === 'readings')).toHaveLength(24);
    expect(events.slice(0, 4).map(({ source, key }) => [source, key])).toEqual([
      ['weather', 'home-1'],
      ['readings', 'home-1'],
      ['weather', 'home-2'],
      ['readings', 'home-2'],
    ]);
    expect(events.map(({ value }) => value.time)).toEqual(
      events.map(({ value }) => value.time).toSorted((a, b) => a - b),
    );
  });

  it('say that they are modelled, and use what their appliances use', () => {
    for (const { value } of modelledEvents(stretch)) {
      expect(value.modelled).toBe(true);
      if (!('use_kw' in value)) continue;
      const { hvac_kw, ev_kw, cooking_kw, dishwasher_kw, fridge_kw, living_room_kw, standby_kw } = value;
      const parts = [hvac_kw, ev_kw, cooking_kw, dishwasher_kw, fridge_kw, living_room_kw, standby_kw];
      expect(value.use_kw).toBeCloseTo(
        parts.reduce<number>((sum, kw) => sum + (kw ?? NaN), 0),
        9,
      );
    }
  });

  it('need more in a cold month than in a mild one, and have their own habits', () => {
    const july = Date.UTC(2026, 6, 13, 8);
    expect(meanUse({})).toBeGreaterThan(1.5 * meanUse({ fromMs: july, toMs: july + dayMs }));
    expect(meanUse({})).not.toBeCloseTo(meanUse({}, 'home-2'), 1);
  });

  it('have the normals of Seattle over the year, and sun by day alone', () => {
    const events = (start: number) => [
      ...modelledEvents({ ...stretch, fromMs: start, toMs: start + 28 * dayMs, everyMs: 3_600_000 }),
    ];
    const meanC = (start: number) => {
      const weather = events(start).flatMap(({ source, value }) =>
        source === 'weather' ? [(value as WeatherObservation).temperature_c] : [],
      );
      return weather.reduce((sum, celsius) => sum + celsius, 0) / weather.length;
    };
    expect(Math.abs(meanC(Date.UTC(2026, 0, 1)) - 5)).toBeLessThan(2.5);
    expect(Math.abs(meanC(Date.UTC(2026, 6, 15)) - 19.5)).toBeLessThan(2.5);
    const atHour = (hour: number) =>
      events(fromMs)
        .filter(({ source, value }) => source === 'readings' && new Date(value.time).getUTCHours() === hour)
        .map(({ value }) => (value as WeatherEnergy).gen_kw ?? NaN);
    expect(Math.max(...atHour(8))).toBe(0); // midnight in Seattle
    expect(Math.max(...atHour(20))).toBeGreaterThan(0.5); // noon
  });
});
