import type { WeatherEnergy, WeatherObservation } from '@millrace/schemas';
import { modelledHouseholds, modelledReading } from './load-model.ts';
import { modelledWeather } from './weather-model.ts';

/** Weather is observed at the full hour. */
const WEATHER_EVERY_MS = 3_600_000;

/** An event of the modelled households, for one of the pipeline's sources. */
export type ModelledEvent =
  | { readonly source: 'readings'; readonly key: string; readonly value: WeatherEnergy }
  | { readonly source: 'weather'; readonly key: string; readonly value: WeatherObservation };

export interface ModelledStretch {
  readonly seed: number;
  /** `[fromMs, toMs)`. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Each household is read this often, at whole multiples. */
  readonly everyMs: number;
}

/**
 * What the modelled households and the weather around them give in a stretch of time, by time; stretches can be cut anywhere.
 * Weather is there before the readings of its time.
 */
export function* modelledEvents({ seed, fromMs, toMs, everyMs }: ModelledStretch): Generator<ModelledEvent> {
  const next = (timeMs: number, stepMs: number) => (Math.floor(timeMs / stepMs) + 1) * stepMs;
  for (
    let timeMs = next(fromMs - 1, Math.min(everyMs, WEATHER_EVERY_MS));
    timeMs < toMs;
    timeMs = Math.min(next(timeMs, everyMs), next(timeMs, WEATHER_EVERY_MS))
  ) {
    for (const household of modelledHouseholds) {
      const key = household.name;
      if (timeMs % WEATHER_EVERY_MS === 0)
        yield { source: 'weather', key, value: modelledWeather(seed, key, timeMs) };
      if (timeMs % everyMs === 0)
        yield { source: 'readings', key, value: modelledReading(seed, household, timeMs) };
    }
  }
}
