import type { WeatherEnergy } from '@millrace/schemas';
import { type Random, seededRandom } from '../random.ts';
import { sunshine, temperatureAt, UTC_OFFSET_MS } from './weather-model.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A modelled household: what it owns, and how warm it likes it. */
export interface Household {
  readonly name: string;
  /** Keeps its random numbers apart from those of the others. */
  readonly id: number;
  readonly standbyKw: number;
  /** kW for each °C below `warmC` or above `coolC`. */
  readonly hvacKwPerC: number;
  readonly warmC: number;
  readonly coolC: number;
  /** 0: no car. */
  readonly evKw: number;
  /** 0: no cells on the roof. */
  readonly solarKwPeak: number;
}

/** Two households that differ in what matters: one with a car and solar cells, one without. */
export const modelledHouseholds: readonly Household[] = [
  {
    name: 'home-1',
    id: 1,
    standbyKw: 0.12,
    hvacKwPerC: 0.14,
    warmC: 17,
    coolC: 23,
    evKw: 7.2,
    solarKwPeak: 5,
  },
  { name: 'home-2', id: 2, standbyKw: 0.08, hvacKwPerC: 0.09, warmC: 16, coolC: 25, evKw: 0, solarKwPeak: 0 },
];

/** Something that runs for a while: `[startHour, startHour + hours)` of a local day, which may reach into the next. */
interface Run {
  readonly startHour: number;
  readonly hours: number;
  readonly kw: number;
}

const around = (random: Random, hour: number, spread: number): number =>
  hour + (random.next() - 0.5) * spread;

/** What is cooked, washed and charged on one local day. Every day draws the same numbers, so that one day says nothing about another. */
function plansOf(seed: number, household: Household, day: number) {
  const random = seededRandom(seed, day);
  const isWeekend = (((day + 3) % 7) + 7) % 7 >= 5; // day 0 was a Thursday
  const cooking: Run[] = [
    { startHour: around(random, isWeekend ? 9 : 6.8, 0.5), hours: 0.3, kw: 1.1 },
    { startHour: around(random, 12.5, 0.6), hours: 0.4, kw: isWeekend ? 1.4 : 0.2 },
    { startHour: around(random, 18.3, 0.8), hours: 0.9, kw: 1.9 + 0.4 * random.next() },
  ];
  const washes = random.next() < 0.7;
  const dishwasher: Run = { startHour: around(random, 20.2, 0.7), hours: 1.4, kw: washes ? 1.1 : 0 };
  const charges = random.next() < (isWeekend ? 0.25 : 0.6);
  const ev: Run = {
    startHour: around(random, 19, 1.5),
    hours: random.logNormal(1.2, 0.35),
    kw: charges ? household.evKw : 0,
  };
  return { isWeekend, cooking, dishwasher, ev };
}

/** Power at `hour` of the day that a run is planned for; hours past 24 are of the night after it. */
const runs = ({ startHour, hours, kw }: Run, hour: number): number =>
  hour >= startHour && hour < startHour + hours ? kw : 0;

/** How much goes on in the house, 0 to 1, by the hour of a local day. */
function activity(hour: number, isWeekend: boolean): number {
  const bump = (at: number, width: number) => Math.exp(-(((hour - at) / width) ** 2));
  return Math.min(1, bump(7.3, 1.2) * 0.6 + bump(20, 2.6) + (isWeekend ? bump(13.5, 3.5) * 0.6 : 0));
}

/** Compressors run for a share of each 50 minutes, which grows with the temperature. */
function fridgeKw(random: Random, timeMs: number, temperatureC: number): number {
  const cycle = timeMs / (50 * minuteMs) + random.next();
  return cycle - Math.floor(cycle) < 0.35 + 0.006 * Math.max(0, temperatureC) ? 0.14 : 0.005;
}

/** 1 by day, less by night, when the thermostat is turned down. */
const thermostat = (hour: number): number => (hour >= 6 && hour < 22.5 ? 1 : 0.65);

const watts = (kw: number): number => Math.round(kw * 1000) / 1000;

const notModelled = {
  dishwasher_kw: null,
  furnace_1_kw: null,
  furnace_2_kw: null,
  wine_cellar_kw: null,
  garage_door_kw: null,
  kitchen_12_kw: null,
  kitchen_14_kw: null,
  kitchen_38_kw: null,
  barn_kw: null,
  well_kw: null,
  microwave_kw: null,
  home_office_kw: null,
  temperature_c: null,
  apparent_temperature_c: null,
  dew_point_c: null,
  humidity: null,
  pressure_hpa: null,
  visibility_km: null,
  cloud_cover: null,
  wind_speed_ms: null,
  wind_bearing_deg: null,
  precip_intensity_mm: null,
  precip_probability: null,
  summary: null,
  icon: null,
} as const;

/**
 * The power of a modelled household's appliances at one time, in kW to the watt: the same for the same seed, household and
 * time, whatever was asked before. Weather and household share the seed, so that heating follows that seed's weather.
 */
export function modelledReading(seed: number, household: Household, timeMs: number): WeatherEnergy {
  const own = seed ^ Math.imul(household.id, 0x2545f491);
  const localMs = timeMs + UTC_OFFSET_MS;
  const day = Math.floor(localMs / dayMs);
  const hour = (localMs - day * dayMs) / hourMs;
  const today = plansOf(own, household, day);
  const yesterday = plansOf(own, household, day - 1);
  const temperatureC = temperatureAt(seed, timeMs);
  const flicker = 0.85 + 0.3 * seededRandom(own ^ 0x11, Math.floor(timeMs / (15 * minuteMs))).next();

  const degrees = Math.max(0, household.warmC - temperatureC) + Math.max(0, temperatureC - household.coolC);
  const parts = {
    hvac_kw: watts(degrees * household.hvacKwPerC * thermostat(hour) * (0.9 + 0.2 * (flicker - 0.85))),
    ev_kw: watts(runs(today.ev, hour) + runs(yesterday.ev, hour + 24)),
    cooking_kw: watts(today.cooking.reduce((sum, run) => sum + runs(run, hour), 0)),
    dishwasher_kw: watts(runs(today.dishwasher, hour) + runs(yesterday.dishwasher, hour + 24)),
    fridge_kw: watts(fridgeKw(seededRandom(own ^ 0x22), timeMs, temperatureC)),
    living_room_kw: watts(0.55 * activity(hour, today.isWeekend) * flicker),
    standby_kw: watts(household.standbyKw),
  };
  const useKw = watts(Object.values(parts).reduce((sum, kw) => sum + kw, 0));
  const solarKw = watts(household.solarKwPeak * sunshine(seed, timeMs));
  return {
    ...notModelled,
    ...parts,
    time: timeMs,
    household: household.name,
    use_kw: useKw,
    house_overall_kw: useKw,
    gen_kw: solarKw,
    solar_kw: solarKw,
    modelled: true,
  };
}
