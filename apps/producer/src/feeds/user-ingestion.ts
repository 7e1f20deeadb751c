import { userIngestion as pipeline } from '@millrace/pipelines';
import { z } from 'zod';
import { ingest, type Pages } from '../people/ingest.ts';
import { PageClient } from '../people/page-client.ts';
import { startPeopleService } from '../people/people-service.ts';
import { Schedule } from '../people/schedule.ts';
import type { Feed } from './feed.ts';

const environment = z.object({
  PEOPLE_API_URL: z.url({ protocol: /^https?$/ }).optional(),
  PEOPLE_SCHEDULE: z.string().default('* * * * *').superRefine(checkSchedule),
  PEOPLE_PAGE_SIZE: z.coerce.number().int().min(1).max(5_000).default(100),
  PEOPLE_MAX_PAGES: z.coerce.number().int().min(1).max(10_000).default(20),
  PEOPLE_REQUESTS_PER_SECOND: z.coerce.number().positive().max(1_000).default(5),
  PEOPLE_SIMULATED_PER_HOUR: z.coerce.number().min(0).max(100_000).default(600),
  PEOPLE_SEED: z.coerce.number().int().default(1),
});

/** A simulated registration stays in the list this long, and may change while it does. */
const LISTED_MS = 30 * 60_000;

export interface UserIngestionSettings {
  /** Undefined: a service of simulated people. */
  readonly apiUrl: string | undefined;
  /** Cron expression, UTC. */
  readonly schedule: string;
  readonly pageSize: number;
  readonly maxPages: number;
  readonly requestsPerSecond: number;
  /** 0: none where there is no API either. */
  readonly simulatedPerHour: number;
  readonly seed: number;
}

/** Profiles of a people API, once a minute; without one those of a small service of simulated people, over HTTP too. */
export const userIngestion: Feed<UserIngestionSettings> = {
  pipeline,
  settings(env) {
    const values = environment.parse({ ...env, PEOPLE_API_URL: env.PEOPLE_API_URL || undefined });
    return {
      apiUrl: values.PEOPLE_API_URL,
      schedule: values.PEOPLE_SCHEDULE,
      pageSize: values.PEOPLE_PAGE_SIZE,
      maxPages: values.PEOPLE_MAX_PAGES,
      requestsPerSecond: values.PEOPLE_REQUESTS_PER_SECOND,
      simulatedPerHour: values.PEOPLE_SIMULATED_PER_HOUR,
      seed: values.PEOPLE_SEED,
    };
  },
  sources(settings) {
    const { apiUrl, schedule, simulatedPerHour, seed } = settings;
    if (apiUrl === undefined && simulatedPerHour === 0) return [];
    const from = apiUrl === undefined ? `simulated:${seed}` : new URL(apiUrl).host;
    return [
      ingest({
        ...settings,
        name: `people:${from}`,
        description: `fetching people from ${apiUrl ?? `a simulated service (seed ${seed})`} at ${schedule}`,
        schedule: new Schedule(schedule),
        openPages: () => openPages(settings),
      }),
    ];
  },
};

async function openPages({
  apiUrl,
  seed,
  simulatedPerHour,
  ...client
}: UserIngestionSettings): Promise<Pages> {
  const service =
    apiUrl === undefined
      ? await startPeopleService({ seed, perHour: simulatedPerHour, listedMs: LISTED_MS })
      : undefined;
  const pages = new PageClient({ ...client, url: apiUrl ?? service?.url ?? '' });
  return { page: (...where) => pages.page(...where), close: async () => service?.stop() };
}

function checkSchedule(expression: string, context: z.RefinementCtx): void {
  try {
    new Schedule(expression);
  } catch (error) {
    context.addIssue(`"${expression}" is no cron expression: ${(error as Error).message}`);
  }
}
