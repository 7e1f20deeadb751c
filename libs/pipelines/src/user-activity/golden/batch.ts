import type { ActivityLog, AuthLog, SessionLog } from '@millrace/schemas';
import { pseudonymOf } from '@millrace/streams';
import type { Row } from '@millrace/streams';
import type { GoldenEvent } from '../../golden-event.ts';
import { findings } from './batch-findings.ts';
import { joined } from './batch-joined.ts';

const minuteMs = 60_000;

/** The final rows of every view, computed plainly. Left out: quantiles, which are sketches. */
export function batch(events: readonly GoldenEvent[]): Record<string, Row[]> {
  const of = <Log>(name: string) =>
    events.filter(({ source }) => source === name).map(({ value }) => value as unknown as Log);
  const sessions = of<SessionLog>('sessions');
  const auth = of<AuthLog>('auth');
  const activity = of<ActivityLog>('activity');
  return {
    ...findings(auth),
    ...joined({ sessions, auth, activity }),
    sessions_per_minute: perMinute(sessions, (logs) => {
      const typed = (type: string) => numberOf(logs, ({ event_type }) => event_type === type);
      return {
        events: logs.length,
        simulated_events: numberOf(logs, ({ simulated }) => simulated),
        active_sessions: different(logs, ({ session_id }) => session_id),
        active_users: different(logs, ({ user_id }) => user_id),
        started: typed('start'),
        ended: typed('end'),
        timed_out: typed('timeout'),
        mean_duration_ms: meanOf(logs.flatMap(({ duration_ms }) => duration_ms ?? [])),
      };
    }),
    auth_per_minute: perMinute(auth, (logs) => {
      const tries = logs.filter(({ event_type }) => event_type === 'login');
      const failed = numberOf(tries, ({ success }) => !success);
      return {
        events: logs.length,
        simulated_events: numberOf(logs, ({ simulated }) => simulated),
        log_ins: tries.length - failed,
        failed_log_ins: failed,
        failure_rate: tries.length === 0 ? null : failed / tries.length,
        lockouts: numberOf(logs, ({ event_type }) => event_type === 'lockout'),
        addresses: different(logs, ({ ip }) => ip),
      };
    }),
    activity_per_minute: perMinute(activity, (logs) => ({
      events: logs.length,
      simulated_events: numberOf(logs, ({ simulated }) => simulated),
      failed: numberOf(logs, ({ success }) => !success),
      users: different(logs, ({ user_id }) => user_id),
      bytes: logs.reduce((total, { bytes }) => total + (bytes ?? 0), 0),
    })),
    activity_by_type: [...Map.groupBy(activity, ({ activity_type }) => activity_type)].flatMap(
      ([activity_type, typed]) =>
        perMinute(typed, (logs) => ({
          activity_type,
          activities: logs.length,
          failed: numberOf(logs, ({ success }) => !success),
          users: different(logs, ({ user_id }) => user_id),
        })),
    ),
    session_logs: sessions.map(({ user_id, ip, latitude: _latitude, longitude: _longitude, ...log }) => ({
      ...log,
      ...who(user_id, ip),
      problem: null,
    })),
    auth_logs: auth.map(
      ({ user_id, username, ip, latitude: _latitude, longitude: _longitude, user_agent, ...log }) => ({
        ...log,
        ...who(user_id, ip),
        name: pseudonymOf(username),
        browser: user_agent!.split(' on ')[0],
        os: user_agent!.split(' on ')[1],
        problem: null,
      }),
    ),
    activity_logs: activity.map(({ user_id, ip, ...log }) => ({
      ...log,
      ...who(user_id, ip),
      area: log.resource!.split('/')[1],
      problem: null,
    })),
  };
}

const who = (userId: string | null, ip: string): Row => ({
  user: userId === null ? null : pseudonymOf(userId),
  address: pseudonymOf(ip),
  network: ip.includes(':') ? 'IPv6' : 'IPv4',
});

/** A row for each minute that has events, with the columns that `summary` gives. */
function perMinute<Log extends { readonly event_time: number }>(
  logs: readonly Log[],
  summary: (logs: readonly Log[]) => Row,
): Row[] {
  const minutes = Map.groupBy(logs, ({ event_time }) => Math.floor(event_time / minuteMs) * minuteMs);
  return [...minutes].map(([windowStart, of]) => ({
    windowStart,
    windowEnd: windowStart + minuteMs,
    ...summary(of),
  }));
}

const numberOf = <Log>(logs: readonly Log[], holds: (log: Log) => boolean) => logs.filter(holds).length;
const different = <Log>(logs: readonly Log[], part: (log: Log) => string) => new Set(logs.map(part)).size;
const meanOf = (numbers: readonly number[]) =>
  numbers.length === 0 ? null : numbers.reduce((total, number) => total + number, 0) / numbers.length;
