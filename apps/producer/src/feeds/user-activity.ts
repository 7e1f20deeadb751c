import { userActivity as pipeline, userActivityEvents } from '@millrace/pipelines';
import { z } from 'zod';
import { timeline } from '../sources/timeline.ts';
import type { Feed } from './feed.ts';

const environment = z.object({
  /** Visits that begin in a busy hour; one makes about thirty events. */
  USER_ACTIVITY_VISITS_PER_HOUR: z.coerce.number().min(0).max(100_000).default(240),
  /** Brute force on a person, brute force from an address, impossible travel; 0 for none. */
  USER_ACTIVITY_ATTACKS_PER_DAY: z.coerce.number().min(0).max(10_000).default(96),
  USER_ACTIVITY_SEED: z.coerce.number().int().default(1),
});

export interface UserActivitySettings {
  readonly visitsPerHour: number;
  readonly attacksPerDay: number;
  readonly seed: number;
}

/** A simulated company: about two events a second over three topics, and an attack every quarter of an hour. */
export const userActivity: Feed<UserActivitySettings> = {
  pipeline,
  settings(env) {
    const values = environment.parse(env);
    return {
      visitsPerHour: values.USER_ACTIVITY_VISITS_PER_HOUR,
      attacksPerDay: values.USER_ACTIVITY_ATTACKS_PER_DAY,
      seed: values.USER_ACTIVITY_SEED,
    };
  },
  sources({ visitsPerHour, attacksPerDay, seed }) {
    if (visitsPerHour === 0) return [];
    const source = timeline({
      name: pipeline.name,
      what: `${visitsPerHour} visits an hour and ${attacksPerDay} attacks a day`,
      seed,
      between: (_seed, fromMs, toMs) =>
        userActivityEvents({ seed, fromMs, toMs, visitsPerHour, attacksPerDay }).map(({ source, value }) => ({
          source,
          key: value.user_id,
          value,
        })),
    });
    return [source];
  },
};
