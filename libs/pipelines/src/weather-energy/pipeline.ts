import { WeatherEnergySchema, WeatherObservationSchema } from '@millrace/schemas';
import {
  abs,
  coalesce,
  definePipeline,
  eq,
  field,
  greatest,
  length,
  literal,
  subtract,
  when,
} from '@millrace/streams';
import type { Expression } from '@millrace/streams';
import { answer, stat, table, timeSeries } from '@millrace/views';
import {
  collect,
  count,
  coverage,
  gaps,
  hopping,
  integral,
  last,
  mean,
  min,
  sum,
  tumbling,
} from '@millrace/windowing';
import { applianceColumns, appliances } from './appliances.ts';
import { COOLING_ABOVE_C, forecastOf, HEATING_BELOW_C } from './forecast.ts';
import model from './forecast-model.json' with { type: 'json' };
import { weatherFields } from './weather-fields.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** Readings further apart than this say nothing of the time between them. */
const maxGapMs = 15 * minuteMs;

const time = {
  // Sources send by time; a file may mix the rows of a minute.
  outOfOrderMs: minuteMs,
  idleAfterMs: 30_000,
  maxFutureMs: minuteMs,
  partitionedBy: ['household'],
} as const;

const energyOf = <T>(maker: (power: string, energy: string) => T) =>
  Object.fromEntries(appliances.map(([power, energy]) => [energy, maker(power, energy)]));
const kwhOf = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [`${name}_kwh`, 'kwh']));
const kwh = { ...kwhOf('use', 'gen', 'net'), ...energyOf(() => 'kwh') };
const degreeHours = { heating_degree_hours: '°C·h', cooling_degree_hours: '°C·h' };

type Power = 'use_kw' | 'gen_kw' | (typeof appliances)[number][0];
type Weather = (typeof weatherFields)[number];

const powerFields: readonly Power[] = ['use_kw', 'gen_kw', ...appliances.map(([power]) => power)];
/** A joined row's powers under their own names. */
const powers = Object.fromEntries(
  powerFields.map((name) => [name, field(`readings.${name}`)]),
) as unknown as Record<Power, Expression<'readings.use_kw'>>;
/** The weather that a reading came with, and else what was observed last before it. */
const weatherOf = (name: Weather) =>
  coalesce(
    field(`readings.${name}` as 'readings.temperature_c'),
    field(`weather.${name}` as 'weather.temperature_c'),
  );
const dailyColumns = ['household', 'use_kwh', 'gen_kwh', 'net_kwh', 'temperature_c', 'covered'];
const net = { net_kwh: subtract(field('use_kwh'), field('gen_kwh')) };

const weather = Object.fromEntries(weatherFields.map((name) => [name, weatherOf(name)])) as unknown as Record<
  Weather,
  ReturnType<typeof weatherOf>
>;

/** Households' energy per appliance, by hour and day, against the weather. */
export const weatherEnergy = definePipeline({
  name: 'weather-energy',
  description: 'Weather and energy',
  sources: {
    readings: { topic: 'weather_energy', schema: WeatherEnergySchema, ...time },
    weather: { topic: 'weather_observations', schema: WeatherObservationSchema, ...time },
  },
  joins: {
    readings_with_weather: { stream: 'readings', table: 'weather', on: ['household'], type: 'left' },
  },
  views: {
    energy_by_hour: {
      from: 'readings_with_weather',
      description: 'Energy of each appliance, by hour',
      derive: {
        ...powers,
        is_modelled: when(field('readings.modelled'), 1, 0),
        temperature_c: weatherOf('temperature_c'),
        heating_c: greatest(0, subtract(HEATING_BELOW_C, field('temperature_c'))),
        cooling_c: greatest(0, subtract(field('temperature_c'), COOLING_ABOVE_C)),
      },
      by: ['household'],
      window: tumbling({ sizeMs: hourMs }),
      emit: 'onUpdate',
      select: {
        readings: count(),
        modelled_readings: sum('is_modelled'),
        use_kwh: integral('use_kw', { maxGapMs }),
        gen_kwh: integral('gen_kw', { maxGapMs }),
        ...energyOf((power) => integral(power, { maxGapMs })),
        covered: coverage('use_kw', { maxGapMs }),
        gaps: gaps('use_kw', { maxGapMs }),
        temperature_c: mean('temperature_c'),
        heating_degree_hours: integral('heating_c', { maxGapMs }),
        cooling_degree_hours: integral('cooling_c', { maxGapMs }),
      },
      compute: net,
      units: { ...kwh, ...degreeHours, covered: 'ratio', temperature_c: 'celsius' },
      sinks: ['serving'],
      panels: [
        answer({
          overMs: dayMs,
          parts: [
            { y: 'use_kwh', words: 'used' },
            { y: 'gen_kwh', words: 'generated' },
            { y: 'modelled_readings', of: 'readings', unit: 'ratio', words: 'of the readings modelled' },
          ],
        }),
        timeSeries({ title: 'Energy by appliance', y: applianceColumns, shape: 'bars', combine: 'sum' }),
        timeSeries({ title: 'Used and generated', y: ['use_kwh', 'gen_kwh'], combine: 'sum' }),
        timeSeries({ title: 'Temperature', y: 'temperature_c', combine: 'mean' }),
      ],
    },
    energy_by_day: {
      from: 'energy_by_hour',
      description: 'Energy of each appliance, by day (UTC)',
      by: ['household'],
      window: tumbling({ sizeMs: dayMs }),
      emit: 'onUpdate',
      select: {
        hours: count(),
        use_kwh: sum('use_kwh'),
        gen_kwh: sum('gen_kwh'),
        ...energyOf((_, energy) => sum(energy)),
        covered: mean('covered'),
        temperature_c: mean('temperature_c'),
        heating_degree_hours: sum('heating_degree_hours'),
        cooling_degree_hours: sum('cooling_degree_hours'),
      },
      compute: net,
      units: { ...kwh, ...degreeHours, covered: 'ratio', temperature_c: 'celsius' },
      sinks: ['serving'],
      panels: [
        timeSeries({ title: 'Energy by day', y: 'use_kwh', series: 'household', shape: 'bars' }),
        timeSeries({ title: 'Heating degree hours', y: 'heating_degree_hours', combine: 'mean' }),
        table({ title: 'Days', columns: dailyColumns }),
      ],
    },
    day_before: {
      from: 'energy_by_hour',
      description: 'What the forecast of each hour looks at: the 24 hours before it',
      derive: { modelled: when(eq(field('readings'), field('modelled_readings')), 1, 0) },
      by: ['household'],
      window: hopping({ sizeMs: 25 * hourMs, advanceMs: hourMs }),
      select: {
        uses: collect('use_kwh', { limit: 25 }),
        temperatures: collect('temperature_c', { limit: 25 }),
        actual_kwh: last('use_kwh'),
        modelled: min('modelled'),
      },
      compute: {
        hour: subtract(field('windowEnd'), hourMs),
        yesterday_kwh: field('uses.0'),
        forecast_kwh: forecastOf(model, field('hour')),
      },
      // Without every hour, the elements of `uses` are not the hours that they are taken for.
      having: eq(length(field('uses')), 25),
      units: { actual_kwh: 'kwh', yesterday_kwh: 'kwh', forecast_kwh: 'kwh' },
      sinks: [],
    },
    energy_forecast: {
      from: 'day_before',
      description: 'The energy of each hour as it was forecast an hour ahead, and as it was the day before',
      derive: {
        error_kwh: abs(subtract(field('forecast_kwh'), field('actual_kwh'))),
        naive_error_kwh: abs(subtract(field('yesterday_kwh'), field('actual_kwh'))),
      },
      by: ['household'],
      window: tumbling({ sizeMs: hourMs }),
      select: {
        hours: count(),
        actual_kwh: sum('actual_kwh'),
        forecast_kwh: sum('forecast_kwh'),
        naive_kwh: sum('yesterday_kwh'),
        error_kwh: sum('error_kwh'),
        naive_error_kwh: sum('naive_error_kwh'),
      },
      compute: { model_version: literal(model.version) },
      units: kwhOf('actual', 'forecast', 'naive', 'error', 'naive_error'),
      sinks: ['serving'],
      panels: [
        timeSeries({ title: 'Forecast and actual', y: ['actual_kwh', 'forecast_kwh'], combine: 'sum' }),
        timeSeries({
          title: 'Error of the forecast, and of taking yesterday’s same hour',
          y: ['error_kwh', 'naive_error_kwh'],
          combine: 'sum',
        }),
        stat({ title: 'Mean error of the forecast', y: 'error_kwh', of: 'hours', unit: 'kwh' }),
        stat({
          title: 'Mean error of yesterday’s same hour',
          y: 'naive_error_kwh',
          of: 'hours',
          unit: 'kwh',
        }),
      ],
    },
    next_hour: {
      from: 'energy_by_hour',
      description: 'The forecast of the hour after each hour',
      by: ['household'],
      window: hopping({ sizeMs: dayMs, advanceMs: hourMs }),
      select: {
        uses: collect('use_kwh', { limit: 24 }),
        temperatures: collect('temperature_c', { limit: 24 }),
      },
      compute: { forecast_kwh: forecastOf(model, field('windowEnd')) },
      having: eq(length(field('uses')), 24),
      units: { forecast_kwh: 'kwh' },
      sinks: ['serving'],
    },
    weather_and_energy: {
      from: 'readings_with_weather',
      description: 'Every reading with the weather at its time',
      derive: {
        time: field('readings.time'),
        ...powers,
        ...weather,
        modelled: field('readings.modelled'),
      },
      by: ['household'],
      time: 'time',
      columns: ['time', ...powerFields, ...weatherFields, 'modelled'],
      table: 'iot_data.weather_condition_and_household_energy_consumption',
      sinks: ['serving'],
    },
  },
});
