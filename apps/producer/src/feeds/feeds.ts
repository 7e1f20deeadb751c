import { clickstream } from './clickstream.ts';
import type { AnyFeed } from './feed.ts';
import { userActivity } from './user-activity.ts';
import { weatherEnergy } from './weather-energy.ts';
import { webLogs } from './web-logs.ts';

/** The feed of every pipeline that this app can feed. */
export const feeds: readonly AnyFeed[] = [webLogs, clickstream, userActivity, weatherEnergy];
