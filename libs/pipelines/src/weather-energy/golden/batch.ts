import type { WeatherEnergy, WeatherObservation } from '@millrace/schemas';
import type { Row } from '@millrace/streams';
import type { GoldenEvent } from '../../golden-event.ts';
import { appliances } from '../appliances.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const gapMs = hourMs / 4;

interface Point {
  readonly t: number;
  readonly x: number;
}

/** The area under points in an hour's window, per hour, and the time that it covers; the outer points are held to the edges. */
function area(points: readonly Point[], startMs: number, maxGapMs: number) {
  const inside = points.toSorted((a, b) => a.t - b.t);
  const [first] = inside;
  if (first === undefined) return { sum: null, coveredMs: 0, gaps: 0 };
  const held = [{ ...first, t: startMs }, ...inside, { ...inside.at(-1)!, t: startMs + hourMs }];
  let sum = 0;
  let coveredMs = 0;
  let gaps = 0;
  for (let i = 1; i < held.length; i++) {
    const [a, b] = [held[i - 1]!, held[i]!];
    if (b.t - a.t > maxGapMs) {
      if (i > 1 && i < held.length - 1) gaps++;
      continue;
    }
    sum += (((a.x + b.x) / 2) * (b.t - a.t)) / hourMs;
    coveredMs += b.t - a.t;
  }
  return { sum, coveredMs, gaps };
}

/** Rows by household and hour. */
function hours<T extends { readonly time: number; readonly household: string }>(rows: readonly T[]) {
  const groups = Map.groupBy(rows, ({ household, time }) => `${household} ${Math.floor(time / hourMs)}`);
  return [...groups.values()].map((of) => {
    const { household, time } = of[0]!;
    const windowStart = Math.floor(time / hourMs) * hourMs;
    return { household, windowStart, of };
  });
}

function points<T extends { readonly time: number }>(of: readonly T[], value: (row: T) => number | null): Point[] {
  return of.flatMap((row) => {
    const x = value(row);
    return x === null ? [] : [{ t: row.time, x }];
  });
}

const total = (rows: readonly Row[], column: string): number =>
  rows.reduce((sum, row) => sum + ((row[column] as number | null) ?? 0), 0);

function energyByHour(readings: readonly WeatherEnergy[]): Row[] {
  return hours(readings).map(({ household, windowStart, of }) => {
    const energy = (name: keyof WeatherEnergy) =>
      area(
        points(of, (reading) => reading[name] as number | null),
        windowStart,
        gapMs,
      );
    const use = energy('use_kw');
    const gen = energy('gen_kw');
    return {
      household,
      windowStart,
      windowEnd: windowStart + hourMs,
      readings: of.length,
      modelled_readings: of.filter(({ modelled }) => modelled).length,
      use_kwh: use.sum,
      gen_kwh: gen.sum,
      ...Object.fromEntries(appliances.map(([power, column]) => [column, energy(power).sum])),
      covered: use.coveredMs / hourMs,
      gaps: use.gaps,
      net_kwh: use.sum! - gen.sum!,
    };
  });
}

function energyByDay(byHour: readonly Row[]): Row[] {
  const days = Map.groupBy(
    byHour,
    ({ household, windowStart }) => `${String(household)} ${Math.floor((windowStart as number) / dayMs)}`,
  );
  return [...days.values()].map((of) => {
    const windowStart = Math.floor((of[0]!['windowStart'] as number) / dayMs) * dayMs;
    const use = total(of, 'use_kwh');
    const gen = total(of, 'gen_kwh');
    return {
      household: of[0]!['household'],
      windowStart,
      windowEnd: windowStart + dayMs,
      hours: of.length,
      use_kwh: use,
      gen_kwh: gen,
      ...Object.fromEntries(appliances.map(([, column]) => [column, total(of, column)])),
      covered: total(of, 'covered') / of.length,
      net_kwh: use - gen,
    };
  });
}

function weatherByHour(weather: readonly WeatherObservation[]): Row[] {
  return hours(weather).map(({ household, windowStart, of }) => {
    const celsius = of.map(({ temperature_c }) => temperature_c);
    const degrees = (over: (temperatureC: number) => number) =>
      area(
        points(of, ({ temperature_c }) => Math.max(0, over(temperature_c))),
        windowStart,
        1.5 * hourMs,
      ).sum;
    return {
      household,
      windowStart,
      windowEnd: windowStart + hourMs,
      temperature_c: celsius.reduce((sum, x) => sum + x, 0) / celsius.length,
      min_temperature_c: Math.min(...celsius),
      max_temperature_c: Math.max(...celsius),
      heating_degree_hours: degrees((x) => 18 - x),
      cooling_degree_hours: degrees((x) => x - 22),
    };
  });
}

/** The final rows of every view, computed plainly. */
export function batch(events: readonly GoldenEvent[]): Record<string, Row[]> {
  const of = (name: string) => events.flatMap(({ source, value }) => (source === name ? [value] : []));
  const byHour = energyByHour(of('readings') as unknown as WeatherEnergy[]);
  return {
    energy_by_hour: byHour,
    energy_by_day: energyByDay(byHour),
    weather_by_hour: weatherByHour(of('weather') as unknown as WeatherObservation[]),
  };
}
