import {
  add,
  dayOfWeek,
  divide,
  eq,
  field,
  greatest,
  gte,
  hourOfDay,
  length,
  literal,
  multiply,
  subtract,
  when,
} from '@millrace/streams';
import type { Expression } from '@millrace/streams';

const hourMs = 3_600_000;
/** Hours of the week as the model tells them apart: those of a working day, then those of a weekend. */
export const SLOTS = 48;
/** Below this a house is heated, above the other it is cooled, in °C: the usual bases of degree days. */
export const HEATING_BELOW_C = 18;
export const COOLING_ABOVE_C = 22;

/**
 * A linear model of a household's next hour, in units of its mean hour of the last day, so that one model does for households
 * of any size. Plain data, kept as JSON.
 */
export interface ForecastModel {
  readonly version: number;
  readonly fitted: {
    /** Hours that it was fitted on, and the time that they span. */
    readonly hours: number;
    readonly from: string;
    readonly to: string;
    /** The history was computed by the load model, not measured. */
    readonly modelled: boolean;
    readonly ridge: number;
  };
  /** Working days and weekends begin and end by this clock. */
  readonly utcOffsetHours: number;
  readonly intercept: number;
  /** By {@link SLOTS}. */
  readonly slots: readonly number[];
  readonly weights: Readonly<Record<FeatureName, number>>;
}

/** Named for the compiler by the first element alone. */
type DayBefore = Expression<'uses.0' | 'temperatures.0' | 'temperatures'>;

/** A sum as a tree, so that it is not nested as deeply as it is long. */
function total<F extends string>(parts: readonly Expression<F>[]): Expression<F> {
  if (parts.length <= 2) return parts.length === 2 ? add(parts[0]!, parts[1]!) : (parts[0] ?? literal(0));
  const middle = parts.length >> 1;
  return add(total(parts.slice(0, middle)), total(parts.slice(middle)));
}

const day = Array.from({ length: 24 }, (_, hour) => hour);
const use = (hour: number): DayBefore => field(`uses.${hour}` as 'uses.0');
const temperature = (hour: number): DayBefore => field(`temperatures.${hour}` as 'temperatures.0');
const heating = (hour: number) => greatest(0, subtract(HEATING_BELOW_C, temperature(hour)));
const cooling = (hour: number) => greatest(0, subtract(temperature(hour), COOLING_ABOVE_C));
/** Where not every hour has a temperature, the model knows nothing of the weather. */
const ifWeather = (value: DayBefore): DayBefore => when(gte(length(field('temperatures')), 24), value, 0);

/** The mean hour of the last day. */
const level = divide(total(day.map(use)), 24);
const perLevel = (value: DayBefore) => divide(value, level);

/**
 * What the model looks at, of a row with the `uses` (kWh) and `temperatures` (°C) of the 24 hours before: element 0 is yesterday's
 * same hour, element 23 the hour just over.
 */
export const features = {
  yesterday: perLevel(use(0)),
  last: perLevel(use(23)),
  colderThanYesterday: ifWeather(subtract(heating(23), heating(0))),
  colderThanTheDay: ifWeather(subtract(heating(23), divide(total(day.map(heating)), 24))),
  warmerThanYesterday: ifWeather(subtract(cooling(23), cooling(0))),
} satisfies Record<string, DayBefore>;

export type FeatureName = keyof typeof features;
export const featureNames = Object.keys(features) as FeatureName[];
export const levelOfDay = level;

/** The slot of the hour that begins at `hour`. */
export function slotOf<F extends string>(hour: Expression<F>, utcOffsetHours: number): Expression<F> {
  const local = add(hour, utcOffsetHours * hourMs);
  return add(hourOfDay(local), when(gte(dayOfWeek(local), 6), 24, 0));
}

/** The energy of the hour that begins at `hour`, in kWh: an expression over the row that {@link features} look at. */
export function forecastOf<F extends string>(model: ForecastModel, hour: Expression<F>) {
  const slot = slotOf(hour, model.utcOffsetHours);
  const bySlot = when<F>(...model.slots.flatMap((weight, at) => [eq(slot, at), literal(weight)]), 0);
  const weighted = featureNames.map((name) => multiply(features[name], model.weights[name]));
  const score = total<F | 'uses.0' | 'temperatures.0' | 'temperatures'>([
    literal(model.intercept),
    bySlot,
    ...weighted,
  ]);
  return multiply(level, greatest(0, score));
}
