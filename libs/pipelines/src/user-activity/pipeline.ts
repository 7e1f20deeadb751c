import { ActivityLogSchema, AuthLogSchema, SessionLogSchema } from '@millrace/schemas';
import { definePipeline } from '@millrace/streams';
import { counts } from './counts.ts';
import { findings } from './findings.ts';
import { joined, joins } from './joined.ts';
import { logs } from './logs.ts';

/** All three topics are keyed by the person, so that a person's events meet in one partition. */
const source = {
  eventTime: 'event_time',
  outOfOrderMs: 5_000,
  idleAfterMs: 5_000,
  maxFutureMs: 60_000,
  partitionedBy: ['user_id'],
} as const;

/** Sessions, log-ins and activities of a company's people, and what looks like an attack among them. */
export const userActivity = definePipeline({
  name: 'user-activity',
  description: 'User activity',
  sources: {
    sessions: { topic: 'user_session_logs', schema: SessionLogSchema, ...source },
    auth: { topic: 'user_auth_logs', schema: AuthLogSchema, ...source },
    activity: { topic: 'user_activity_logs', schema: ActivityLogSchema, ...source },
  },
  joins,
  views: { ...findings, ...counts, ...joined, ...logs },
});
