import { fileURLToPath } from 'node:url';
import { modelledEvents, weatherEnergy as pipeline } from '@millrace/pipelines';
import { z } from 'zod';
import { replay } from '../sources/replay/replay.ts';
import { timeline } from '../sources/timeline.ts';
import type { Feed } from './feed.ts';

const DAY_MS = 24 * 3_600_000;
const SMART_HOME = fileURLToPath(new URL('../../mappings/smart-home-with-weather.json', import.meta.url));

const environment = z.object({
  WEATHER_ENERGY_REPLAY: z.string().optional(),
  WEATHER_ENERGY_MAPPING: z.string().default(SMART_HOME),
  WEATHER_ENERGY_SPEED: z.union([z.literal('max'), z.coerce.number().positive()]).default('max'),
  WEATHER_ENERGY_SHIFT_TO_NOW: z.stringbool().default(false),
  WEATHER_ENERGY_EVERY_SECONDS: z.coerce.number().int().min(0).max(3600).default(60),
  WEATHER_ENERGY_HISTORY_DAYS: z.coerce.number().min(0).max(366).default(7),
  WEATHER_ENERGY_SEED: z.coerce.number().int().default(1),
});

export interface WeatherEnergySettings {
  /** A file that is replayed instead of the modelled households. */
  readonly file: string | undefined;
  readonly mappingPath: string;
  /** Infinity: as fast as possible. */
  readonly speed: number;
  readonly shiftToNow: boolean;
  /** How often a modelled household is read; 0: never. */
  readonly everyMs: number;
  /** How much of the modelled households' past comes first. */
  readonly historyMs: number;
  readonly seed: number;
}

/**
 * Modelled households over the normals of Seattle, a week of their past first; or a file, which comes alone, since rows of
 * years ago beside readings of now would be late.
 */
export const weatherEnergy: Feed<WeatherEnergySettings> = {
  pipeline,
  // A broker deletes by the age of events, and a file's may be of years ago.
  topicConfig: { 'retention.ms': '-1' },
  settings(env, flags) {
    const values = environment.parse({
      ...env,
      ...(flags.replay !== undefined && { WEATHER_ENERGY_REPLAY: flags.replay }),
      ...(flags.mapping !== undefined && { WEATHER_ENERGY_MAPPING: flags.mapping }),
      ...(flags.speed !== undefined && { WEATHER_ENERGY_SPEED: flags.speed }),
      ...(flags['shift-to-now'] && { WEATHER_ENERGY_SHIFT_TO_NOW: 'true' }),
    });
    return {
      file: values.WEATHER_ENERGY_REPLAY,
      mappingPath: values.WEATHER_ENERGY_MAPPING,
      speed: values.WEATHER_ENERGY_SPEED === 'max' ? Infinity : values.WEATHER_ENERGY_SPEED,
      shiftToNow: values.WEATHER_ENERGY_SHIFT_TO_NOW,
      everyMs: values.WEATHER_ENERGY_EVERY_SECONDS * 1000,
      historyMs: values.WEATHER_ENERGY_HISTORY_DAYS * DAY_MS,
      seed: values.WEATHER_ENERGY_SEED,
    };
  },
  sources({ file, mappingPath, speed, shiftToNow, everyMs, historyMs, seed }, log) {
    if (file !== undefined) return [replay({ path: file, mappingPath, pipeline, speed, shiftToNow, log })];
    if (everyMs === 0) return [];
    const between = (own: number, fromMs: number, toMs: number) => [
      ...modelledEvents({ seed: own, fromMs, toMs, everyMs }),
    ];
    return [timeline({ name: pipeline.name, what: 'modelled households', seed, historyMs, between })];
  },
};
