import { clickstream } from './clickstream.ts';
import type { AnyFeed } from './feed.ts';
import { userActivity } from './user-activity.ts';
import { userIngestion } from './user-ingestion.ts';
import { weatherEnergy } from './weather-energy.ts';
import { webLogs } from './web-logs.ts';

/** The feed of every pipeline that this app can feed. */
export const feeds: readonly AnyFeed[] = [webLogs, userIngestion, weatherEnergy, clickstream, userActivity];
