import { and, eq, field, mask, subtract, when } from '@millrace/streams';
import { table, timeSeries } from '@millrace/views';
import { count, distinct, first, session, sum, tumbling } from '@millrace/windowing';
import { kept } from './kept.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Sessions time out after five minutes without a heartbeat. */
const gapMs = 10 * minuteMs;

/** The three streams, session by session: an activity with the beginning of its session and the log-in that opened it. */
export const joins = {
  logged_in: {
    left: 'sessions',
    right: 'auth',
    on: ['user_id', 'session_id'],
    type: 'inner',
    where: {
      sessions: eq(field('event_type'), 'start'),
      auth: and(eq(field('event_type'), 'login'), field('success')),
    },
    beforeMs: minuteMs,
    afterMs: 5_000,
  },
  in_session: {
    left: 'activity',
    right: 'logged_in',
    on: ['user_id', 'session_id'],
    type: 'inner',
    beforeMs: hourMs,
    afterMs: 5_000,
  },
} as const;

const derive = {
  user: mask(field('user_id')),
  device: field('logged_in.sessions.device'),
  city: field('logged_in.sessions.city'),
  method: field('logged_in.auth.method'),
  resource: field('activity.resource'),
  bytes: field('activity.bytes'),
  failed: when(field('activity.success'), 0, 1),
};

/** What people do in their sessions, with where and how they logged in. */
export const joined = {
  session_profiles: {
    from: 'in_session',
    description: 'Sessions as they went: log-in, device, place, activities',
    derive,
    by: ['user', 'session_id'],
    window: session({ gapMs }),
    ...kept,
    select: {
      activities: count(),
      failed: sum('failed'),
      resources: distinct('resource'),
      bytes: sum('bytes'),
      method: first('method'),
      device: first('device'),
      city: first('city'),
    },
    compute: {
      // From the first to the last activity.
      active_ms: subtract(subtract(field('windowEnd'), field('windowStart')), gapMs),
    },
    units: { bytes: 'bytes', active_ms: 'ms' },
    panels: [
      table({
        title: 'Sessions: log-in, session and activities joined',
        columns: [
          'user',
          'method',
          'device',
          'city',
          'activities',
          'failed',
          'resources',
          'bytes',
          'active_ms',
        ],
      }),
    ],
  },
  activities_by_device: {
    from: 'in_session',
    description: 'Activities by device and way to log in, every minute',
    derive,
    by: ['device', 'method'],
    window: tumbling({ sizeMs: minuteMs }),
    ...kept,
    select: { activities: count(), failed: sum('failed'), users: distinct('user') },
    panels: [timeSeries({ title: 'Activities by device', y: 'activities', series: 'device', top: 4 })],
  },
} as const;
