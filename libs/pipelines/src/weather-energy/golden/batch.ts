import type { WeatherEnergy, WeatherObservation } from '@millrace/schemas';
import type { Row } from '@millrace/streams';
import type { GoldenEvent } from '../../golden-event.ts';
import { appliances } from '../appliances.ts';
import model from '../forecast-model.json' with { type: 'json' };
import { weatherFields } from '../weather-fields.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const gapMs = hourMs / 4;

const average = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

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
    const degreeHours = (over: (temperatureC: number) => number) =>
      area(
        points(of, ({ temperature_c }) => Math.max(0, over(temperature_c!))),
        windowStart,
        gapMs,
      ).sum;
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
      temperature_c: average(of.map(({ temperature_c }) => temperature_c!)),
      heating_degree_hours: degreeHours((x) => 18 - x),
      cooling_degree_hours: degreeHours((x) => x - 22),
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
      temperature_c: total(of, 'temperature_c') / of.length,
      heating_degree_hours: total(of, 'heating_degree_hours'),
      cooling_degree_hours: total(of, 'cooling_degree_hours'),
      net_kwh: use - gen,
    };
  });
}

/** What the model says of the hour that begins at `hour`, with the 24 hours before it. */
function forecast(hour: number, uses: readonly number[], temperatures: readonly number[]): number {
  const level = average(uses.slice(0, 24));
  const local = new Date(hour + model.utcOffsetHours * hourMs);
  const isWeekend = local.getUTCDay() === 0 || local.getUTCDay() === 6;
  const { yesterday, last, colderThanYesterday, colderThanTheDay, warmerThanYesterday } = model.weights;
  const cold = temperatures.map((celsius) => Math.max(0, 18 - celsius));
  const warm = temperatures.map((celsius) => Math.max(0, celsius - 22));
  const score =
    model.intercept +
    model.slots[local.getUTCHours() + (isWeekend ? 24 : 0)]! +
    (yesterday * uses[0]!) / level +
    (last * uses[23]!) / level +
    colderThanYesterday * (cold[23]! - cold[0]!) +
    colderThanTheDay * (cold[23]! - average(cold.slice(0, 24))) +
    warmerThanYesterday * (warm[23]! - warm[0]!);
  return level * Math.max(0, score);
}

/** Every stretch of so many hours without one missing, of each household. */
function stretches(byHour: readonly Row[], length: number): Row[][] {
  return [...Map.groupBy(byHour, ({ household }) => household).values()].flatMap((of) => {
    const rows = of.toSorted((a, b) => (a['windowStart'] as number) - (b['windowStart'] as number));
    const hourOf = (row: Row) => (row['windowStart'] as number) / hourMs;
    return rows
      .slice(length - 1)
      .map((_, at) => rows.slice(at, at + length))
      .filter((stretch) => hourOf(stretch.at(-1)!) - hourOf(stretch[0]!) === length - 1);
  });
}

const column = (rows: readonly Row[], name: string) => rows.map((row) => row[name] as number);

/** The final rows of the views that forecast; the input has readings in every hour. */
function forecasts(byHour: readonly Row[]) {
  const dayBefore = stretches(byHour, 25).map((rows) => {
    const { household, windowStart, use_kwh: actual } = rows[24]!;
    const hour = windowStart as number;
    const uses = column(rows, 'use_kwh');
    const temperatures = column(rows, 'temperature_c');
    return {
      household,
      windowStart: hour - dayMs,
      windowEnd: hour + hourMs,
      uses,
      temperatures,
      actual_kwh: actual as number,
      modelled: 1,
      hour,
      yesterday_kwh: uses[0]!,
      forecast_kwh: forecast(hour, uses, temperatures),
    };
  });
  const scored = dayBefore.map(({ household, hour, actual_kwh, forecast_kwh, yesterday_kwh }) => ({
    household,
    windowStart: hour,
    windowEnd: hour + hourMs,
    hours: 1,
    actual_kwh,
    forecast_kwh,
    naive_kwh: yesterday_kwh,
    error_kwh: Math.abs(forecast_kwh - actual_kwh),
    naive_error_kwh: Math.abs(yesterday_kwh - actual_kwh),
    model_version: model.version,
  }));
  const nextHour = stretches(byHour, 24).map((rows) => {
    const windowStart = rows[0]!['windowStart'] as number;
    const uses = column(rows, 'use_kwh');
    const temperatures = column(rows, 'temperature_c');
    return {
      household: rows[0]!['household'],
      windowStart,
      windowEnd: windowStart + dayMs,
      uses,
      temperatures,
      forecast_kwh: forecast(windowStart + dayMs, uses, temperatures),
    };
  });
  return { day_before: dayBefore, energy_forecast: scored, next_hour: nextHour };
}

/** Each reading with the last weather observed up to its time. */
function withWeather(readings: readonly WeatherEnergy[], weather: readonly WeatherObservation[]) {
  return readings.map((reading) => {
    const [observed] = weather
      .filter(({ household, time }) => household === reading.household && time <= reading.time)
      .toSorted((a, b) => b.time - a.time);
    const weatherOf = Object.fromEntries(
      weatherFields.map((name) => [name, reading[name] ?? observed?.[name] ?? null]),
    ) as Pick<WeatherEnergy, (typeof weatherFields)[number]>;
    return { ...reading, ...weatherOf };
  });
}

function weatherAndEnergy(readings: readonly WeatherEnergy[]): Row[] {
  const names = ['household', 'time', 'use_kw', 'gen_kw', ...appliances.map(([power]) => power)] as const;
  return readings.map((reading) =>
    Object.fromEntries([...names, ...weatherFields, 'modelled' as const].map((name) => [name, reading[name]])),
  );
}

/** The final rows of every view, computed plainly. */
export function batch(events: readonly GoldenEvent[]): Record<string, Row[]> {
  const of = (name: string) => events.flatMap(({ source, value }) => (source === name ? [value] : []));
  const readings = withWeather(
    of('readings') as unknown as WeatherEnergy[],
    of('weather') as unknown as WeatherObservation[],
  );
  const byHour = energyByHour(readings);
  return {
    energy_by_hour: byHour,
    energy_by_day: energyByDay(byHour),
    ...forecasts(byHour),
    weather_and_energy: weatherAndEnergy(readings),
  };
}
