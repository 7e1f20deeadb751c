import { compileExpression, field } from '@millrace/streams';
import type { Row } from '@millrace/streams';
import {
  featureNames,
  features,
  type ForecastModel,
  forecastOf,
  levelOfDay,
  SLOTS,
  slotOf,
} from './forecast.ts';
import { solve } from './solve.ts';

/** Fewer hours than this are no history. */
export const MIN_HOURS = 14 * 24;

export interface FitOptions {
  readonly version: number;
  readonly utcOffsetHours: number;
  /** How strongly weights are held near 0: as if so many hours had said so. */
  readonly ridge?: number;
}

/**
 * Fits the model to rows of the view `day_before`, by ridge regression over its own features, so that it is fitted on what it
 * will see. The intercept is not held down.
 * @throws RangeError for less than {@link MIN_HOURS} of history
 */
export function fitForecast(
  rows: readonly Row[],
  { version, utcOffsetHours, ridge = 2 }: FitOptions,
): ForecastModel {
  const level = compileExpression(levelOfDay);
  const slot = compileExpression(slotOf(field('hour'), utcOffsetHours));
  const read = featureNames.map((name) => compileExpression(features[name]));
  const hours = rows.filter((row) => ((level(row) as number | null) ?? 0) > 0 && row['actual_kwh'] != null);
  if (hours.length < MIN_HOURS)
    throw new RangeError(
      `there are ${hours.length} hours with a whole day before them, and a model needs ${MIN_HOURS} (two weeks of one household)`,
    );

  const size = 1 + SLOTS + featureNames.length;
  const products = Array.from({ length: size }, (_, at) => {
    const row = new Float64Array(size);
    row[at] = at === 0 ? 0 : ridge;
    return row;
  });
  const targets = new Float64Array(size);
  for (const row of hours) {
    const target = Number(row['actual_kwh']) / Number(level(row));
    const inputs: (readonly [at: number, value: number])[] = [
      [0, 1],
      [1 + Number(slot(row)), 1],
      ...read.map((of, at) => [1 + SLOTS + at, Number(of(row))] as const),
    ];
    for (const [i, x] of inputs) {
      targets[i]! += x * target;
      for (const [j, y] of inputs) products[i]![j]! += x * y;
    }
  }
  const weights = solve(products, targets).map((weight) => Number(weight.toPrecision(6)));
  const times = hours.map((row) => Number(row['hour']));
  return {
    version,
    fitted: {
      hours: hours.length,
      from: new Date(Math.min(...times)).toISOString(),
      to: new Date(Math.max(...times)).toISOString(),
      modelled: hours.every((row) => row['modelled'] === 1),
      ridge,
    },
    utcOffsetHours,
    intercept: weights[0]!,
    slots: weights.slice(1, 1 + SLOTS),
    weights: Object.fromEntries(
      featureNames.map((name, at) => [name, weights[1 + SLOTS + at]!]),
    ) as ForecastModel['weights'],
  };
}

/** Mean absolute errors in kWh of a model, and of yesterday's same hour, over rows of the view `day_before`. */
export function forecastErrors(
  model: ForecastModel,
  rows: readonly Row[],
): { readonly forecastKwh: number; readonly naiveKwh: number } {
  const forecast = compileExpression(forecastOf(model, field('hour')));
  const off = (guess: (row: Row) => unknown) =>
    rows.reduce((sum, row) => sum + Math.abs(Number(guess(row)) - Number(row['actual_kwh'])), 0) /
    rows.length;
  return { forecastKwh: off(forecast), naiveKwh: off((row) => row['yesterday_kwh']) };
}
