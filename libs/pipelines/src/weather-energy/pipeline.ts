import { WeatherEnergySchema, WeatherObservationSchema } from '@millrace/schemas';
import { definePipeline, field, greatest, subtract, when } from '@millrace/streams';
import { answer, table, timeSeries } from '@millrace/views';
import type { Aggregate } from '@millrace/windowing';
import { count, coverage, gaps, integral, max, mean, min, sum, tumbling } from '@millrace/windowing';
import { applianceColumns, appliances } from './appliances.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** Readings further apart than this say nothing of the time between them. */
const maxGapMs = 15 * minuteMs;
/** Weather stands from one observation to the next, which comes every hour. */
const maxWeatherGapMs = 90 * minuteMs;
/** Below this a house is heated, above the other it is cooled: the usual bases of degree days. */
const heatingBelowC = 18;
const coolingAboveC = 22;

const time = {
  // Sources send by time; a file may mix the rows of a minute.
  outOfOrderMs: minuteMs,
  idleAfterMs: 30_000,
  maxFutureMs: minuteMs,
  partitionedBy: ['household'],
} as const;

const energyOf = (maker: (power: string, energy: string) => Aggregate) =>
  Object.fromEntries(appliances.map(([power, energy]) => [energy, maker(power, energy)]));
const kwh = Object.fromEntries(
  ['use_kwh', 'gen_kwh', 'net_kwh', ...applianceColumns].map((name) => [name, 'kwh']),
);
const degreeHours = { heating_degree_hours: '°C·h', cooling_degree_hours: '°C·h' };
const net = { net_kwh: subtract(field('use_kwh'), field('gen_kwh')) };

/** Households' energy per appliance, by hour and day, against the weather. */
export const weatherEnergy = definePipeline({
  name: 'weather-energy',
  description: 'Weather and energy',
  sources: {
    readings: { topic: 'weather_energy', schema: WeatherEnergySchema, ...time },
    weather: { topic: 'weather_observations', schema: WeatherObservationSchema, ...time },
  },
  views: {
    energy_by_hour: {
      from: 'readings',
      description: 'Energy of each appliance, by hour',
      derive: { is_modelled: when(field('modelled'), 1, 0) },
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
      },
      compute: net,
      units: { ...kwh, covered: 'ratio' },
      sinks: ['serving'],
      panels: [
        answer({
          overMs: dayMs,
          parts: [
            { y: 'use_kwh', words: 'used' },
            { y: 'gen_kwh', words: 'generated' },
          ],
        }),
        timeSeries({ title: 'Energy by appliance', y: applianceColumns, shape: 'bars', combine: 'sum' }),
        timeSeries({ title: 'Used and generated', y: ['use_kwh', 'gen_kwh'], combine: 'sum' }),
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
      },
      compute: net,
      units: { ...kwh, covered: 'ratio' },
      sinks: ['serving'],
      panels: [
        timeSeries({ title: 'Energy by day', y: 'use_kwh', series: 'household', shape: 'bars' }),
        table({ columns: ['household', 'use_kwh', 'gen_kwh', 'net_kwh', 'covered'] }),
      ],
    },
    weather_by_hour: {
      from: 'weather',
      description: 'Weather around each household, by hour',
      derive: {
        heating_c: greatest(0, subtract(heatingBelowC, field('temperature_c'))),
        cooling_c: greatest(0, subtract(field('temperature_c'), coolingAboveC)),
      },
      by: ['household'],
      window: tumbling({ sizeMs: hourMs }),
      select: {
        temperature_c: mean('temperature_c'),
        min_temperature_c: min('temperature_c'),
        max_temperature_c: max('temperature_c'),
        heating_degree_hours: integral('heating_c', { maxGapMs: maxWeatherGapMs }),
        cooling_degree_hours: integral('cooling_c', { maxGapMs: maxWeatherGapMs }),
      },
      units: { ...degreeHours },
      sinks: ['serving'],
      panels: [timeSeries({ title: 'Temperature', y: 'temperature_c', series: 'household' })],
    },
  },
});
