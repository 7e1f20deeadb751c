import { and, eq, field, not, when } from '@millrace/streams';
import { answer, bars, timeSeries } from '@millrace/views';
import { count, distinct, mean, quantile, sum, tumbling } from '@millrace/windowing';
import { kept } from './kept.ts';

const minute = tumbling({ sizeMs: 60_000 });
const is = <Name extends string>(name: Name, value: string) => when(eq(field(name), value), 1, 0);
const generated = when(field('simulated'), 1, 0);
const isLogIn = eq(field('event_type'), 'login');

/** What happens in each minute: of every stream, and by type of activity. */
export const counts = {
  sessions_per_minute: {
    from: 'sessions',
    description: 'Sessions, every minute',
    derive: {
      is_start: is('event_type', 'start'),
      is_end: is('event_type', 'end'),
      is_timeout: is('event_type', 'timeout'),
      generated,
    },
    window: minute,
    ...kept,
    select: {
      events: count(),
      simulated_events: sum('generated'),
      active_sessions: distinct('session_id'),
      active_users: distinct('user_id'),
      started: sum('is_start'),
      ended: sum('is_end'),
      timed_out: sum('is_timeout'),
      mean_duration_ms: mean('duration_ms'),
    },
    panels: [
      answer({
        // A minute that has just begun has not heard of every session.
        overMs: 300_000,
        parts: [
          { y: 'active_sessions', words: 'active sessions', combine: 'max' },
          { y: 'started', words: 'started' },
          { y: 'timed_out', words: 'timed out' },
        ],
      }),
      timeSeries({ title: 'Active sessions', y: ['active_sessions', 'active_users'], combine: 'max' }),
      timeSeries({ title: 'Sessions started, ended, timed out', y: ['started', 'ended', 'timed_out'] }),
    ],
  },
  auth_per_minute: {
    from: 'auth',
    description: 'Log-ins, every minute',
    derive: {
      log_in: when(and(isLogIn, field('success')), 1, 0),
      failed: when(and(isLogIn, not(field('success'))), 1, 0),
      failed_share: when(isLogIn, when(field('success'), 0, 1)),
      is_lockout: is('event_type', 'lockout'),
      generated,
    },
    window: minute,
    ...kept,
    select: {
      events: count(),
      simulated_events: sum('generated'),
      log_ins: sum('log_in'),
      failed_log_ins: sum('failed'),
      failure_rate: mean('failed_share'),
      lockouts: sum('is_lockout'),
      addresses: distinct('ip'),
    },
    units: { failure_rate: 'ratio' },
    panels: [
      timeSeries({ title: 'Log-ins, right and failed', y: ['log_ins', 'failed_log_ins'] }),
      timeSeries({ title: 'Failed share of log-ins', y: 'failure_rate' }),
    ],
  },
  activity_per_minute: {
    from: 'activity',
    description: 'Activities, every minute',
    derive: { failed: when(field('success'), 0, 1), generated },
    window: minute,
    ...kept,
    select: {
      events: count(),
      simulated_events: sum('generated'),
      failed: sum('failed'),
      users: distinct('user_id'),
      bytes: sum('bytes'),
      p95_ms: quantile('duration_ms', 0.95),
    },
    panels: [
      timeSeries({ title: 'Bytes moved', y: 'bytes', shape: 'bars' }),
      timeSeries({ title: 'Slowest 5% of activities', y: 'p95_ms' }),
    ],
  },
  activity_by_type: {
    from: 'activity',
    description: 'Activities by type, every minute',
    derive: { failed: when(field('success'), 0, 1) },
    by: ['activity_type'],
    window: minute,
    ...kept,
    select: { activities: count(), failed: sum('failed'), users: distinct('user_id') },
    panels: [
      timeSeries({ title: 'Activities by type', y: 'activities', series: 'activity_type', top: 9 }),
      bars({ title: 'Activities', y: 'activities', by: 'activity_type', top: 9 }),
    ],
  },
} as const;
