import type { WeatherObservation } from '@millrace/schemas';
import { seededRandom } from '../random.ts';
import normals from './seattle-normals.json' with { type: 'json' };

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** The normals, and the modelled households, live by Seattle's standard time all year. */
export const UTC_OFFSET_MS = -8 * hourMs;
/** Weather departs from its normals over about a day and a half, by about this much (standard deviation). */
const DEPARTURE_STEP_MS = 18 * hourMs;
const DEPARTURE_C = 3;
const LATITUDE = (47.6 * Math.PI) / 180;

/** A smooth random course through time, about standard normal, its values `stepMs` apart independent of each other. */
function course(seed: number, timeMs: number, stepMs: number): number {
  const at = timeMs / stepMs;
  const step = Math.floor(at);
  const part = at - step;
  const weight = part * part * (3 - 2 * part);
  return knot(seed, step) * (1 - weight) + knot(seed, step + 1) * weight;
}

/** The sum of twelve uniform numbers less six is close to normal. */
function knot(seed: number, step: number): number {
  const random = seededRandom(seed, step);
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random.next();
  return sum;
}

const fraction = (value: number): number => value - Math.floor(value);

/** Day of the year (from 0; 29 February counts as 1 March) and hour, of a time on Seattle's clock. */
function hourOfYear(timeMs: number): number {
  const local = new Date(timeMs + UTC_OFFSET_MS);
  const start = Date.UTC(2010, local.getUTCMonth(), local.getUTCDate());
  return (start - Date.UTC(2010, 0, 1)) / hourMs + local.getUTCHours();
}

/** The normal of a time, between two hours in a straight line. */
function normalAt(series: readonly number[], timeMs: number): number {
  const part = fraction(timeMs / hourMs);
  const from = series[hourOfYear(timeMs)] ?? 0;
  const to = series[hourOfYear(timeMs + hourMs)] ?? from;
  return (from * (1 - part) + to * part) / 10;
}

/** Share of the sky that is covered, 0 to 1. */
const cloudCover = (seed: number, timeMs: number): number =>
  Math.min(1, Math.max(0, 0.55 + 0.35 * course(seed ^ 0x5eed, timeMs, 6 * hourMs)));

/** The sine of the sun's height over Seattle, negative at night. */
function sunHeight(timeMs: number): number {
  const declination = 0.409 * Math.sin((2 * Math.PI * (hourOfYear(timeMs) / 24 - 81)) / 365);
  const hourAngle = 2 * Math.PI * fraction((timeMs + UTC_OFFSET_MS) / dayMs) - Math.PI;
  return (
    Math.sin(LATITUDE) * Math.sin(declination) +
    Math.cos(LATITUDE) * Math.cos(declination) * Math.cos(hourAngle)
  );
}

/** What a panel of solar cells gives of its rated power, 0 to 1. */
export function sunshine(seed: number, timeMs: number): number {
  return Math.max(0, sunHeight(timeMs)) * (1 - 0.75 * cloudCover(seed, timeMs) ** 2);
}

/** Temperature in °C: the normal of the hour and a seeded departure from it. */
export function temperatureAt(seed: number, timeMs: number): number {
  return normalAt(normals.temperatureTenthC, timeMs) + DEPARTURE_C * course(seed, timeMs, DEPARTURE_STEP_MS);
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** The weather around a household: real normals of Seattle, and modelled departures from them and clouds. */
export function modelledWeather(seed: number, household: string, timeMs: number): WeatherObservation {
  return {
    time: timeMs,
    household,
    temperature_c: rounded(temperatureAt(seed, timeMs), 1),
    apparent_temperature_c: null,
    dew_point_c: null,
    humidity: null,
    pressure_hpa: rounded(1000 + normalAt(normals.pressureTenthHpaOver1000, timeMs), 1),
    visibility_km: null,
    cloud_cover: rounded(cloudCover(seed, timeMs), 2),
    wind_speed_ms: rounded(normalAt(normals.windTenthMs, timeMs), 1),
    wind_bearing_deg: null,
    precip_intensity_mm: null,
    precip_probability: null,
    summary: null,
    icon: null,
    modelled: true,
  };
}
