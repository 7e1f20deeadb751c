import { describe, expect, it } from '@jest/globals';
import { testPipeline } from '@millrace/streams/testing';
import { modelledEvents } from './events.ts';
import { fitForecast, forecastErrors } from './fit-forecast.ts';
import shipped from './forecast-model.json' with { type: 'json' };
import { weatherEnergy } from './pipeline.ts';

const dayMs = 24 * 3_600_000;
const startMs = Date.UTC(2026, 1, 1, 8);
const seeds = [101, 102, 103];

/** What the stream computes of some days of the modelled households. */
function history(seed: number, days: number, fromMs = startMs) {
  const toMs = fromMs + days * dayMs;
  const driver = testPipeline(weatherEnergy);
  driver.advanceTime(toMs);
  for (const { source, value } of modelledEvents({ seed, fromMs, toMs, everyMs: 900_000 }))
    driver.pipe(source, { ...value });
  for (const source of Object.keys(weatherEnergy.sources)) driver.advanceWatermark(source, toMs + dayMs);
  return { hours: driver.rows('day_before'), scored: driver.rows('energy_forecast') };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('the energy forecast', () => {
  it('beats yesterday’s same hour on days that it was not fitted on', () => {
    for (const seed of seeds) {
      const { hours } = history(seed, 35);
      const splitMs = startMs + 21 * dayMs;
      const model = fitForecast(
        hours.filter(({ hour }) => Number(hour) < splitMs),
        { version: 1, utcOffsetHours: -8 },
      );
      const heldBack = hours.filter(({ hour }) => Number(hour) >= splitMs);
      expect(heldBack).toHaveLength(2 * 14 * 24);
      const { forecastKwh, naiveKwh } = forecastErrors(model, heldBack);
      expect({ seed, ratio: forecastKwh / naiveKwh, better: forecastKwh < 0.9 * naiveKwh }).toMatchObject({
        better: true,
      });
    }
  });

  it('beats it live, with the model that is shipped, in weather and households that it never saw', () => {
    for (const seed of seeds.slice(0, 2)) {
      const { scored } = history(seed, 10, Date.UTC(2026, 9, 1, 8));
      const error = mean(scored.map((row) => Number(row['error_kwh'])));
      const naive = mean(scored.map((row) => Number(row['naive_error_kwh'])));
      expect({ seed, better: error < 0.9 * naive, error, naive }).toMatchObject({ better: true });
      expect(scored[0]).toMatchObject({ model_version: shipped.version });
    }
  });

  it('is the same model for the same history, in any order', () => {
    const { hours } = history(7, 16);
    const options = { version: 2, utcOffsetHours: -8 };
    const model = fitForecast(hours, options);
    expect(model).toMatchObject({ version: 2, fitted: { hours: 2 * 15 * 24, modelled: true } });
    expect(model.slots).toHaveLength(48);
    const again = fitForecast(hours.toReversed(), options);
    expect(again.weights.last).toBeCloseTo(model.weights.last, 5);
  });

  it('needs two weeks of history', () => {
    const { hours } = history(7, 3);
    expect(() => fitForecast(hours, { version: 1, utcOffsetHours: 0 })).toThrow(/there are 96 hours/);
  });
});
