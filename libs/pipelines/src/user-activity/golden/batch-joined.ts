import type { ActivityLog, AuthLog, SessionLog } from '@millrace/schemas';
import { pseudonymOf } from '@millrace/streams';
import type { Row } from '@millrace/streams';

const minuteMs = 60_000;
const gapMs = 10 * minuteMs;

interface Streams {
  readonly sessions: readonly SessionLog[];
  readonly auth: readonly AuthLog[];
  readonly activity: readonly ActivityLog[];
}

interface Joined {
  readonly activity: ActivityLog;
  readonly start: SessionLog;
  readonly logIn: AuthLog;
}

/** The views of the three streams joined, computed plainly. */
export function joined(streams: Streams): Record<string, Row[]> {
  const rows = join(streams);
  const profiles: Row[] = [];
  for (const of of Map.groupBy(rows, ({ start }) => `${start.user_id} ${start.session_id}`).values()) {
    const visits: Joined[][] = [];
    for (const row of of.toSorted((a, b) => a.activity.event_time - b.activity.event_time)) {
      const before = visits.at(-1)?.at(-1);
      if (before === undefined || row.activity.event_time - before.activity.event_time > gapMs) visits.push([]);
      visits.at(-1)!.push(row);
    }
    for (const visit of visits) profiles.push(profile(visit));
  }
  const byDevice: Row[] = [];
  const groupOf = ({ activity, start, logIn }: Joined) =>
    JSON.stringify([Math.floor(activity.event_time / minuteMs) * minuteMs, start.device, logIn.method]);
  for (const [group, of] of Map.groupBy(rows, groupOf)) {
    const [windowStart, device, method] = JSON.parse(group) as [number, string, string];
    byDevice.push({
      device,
      method,
      windowStart,
      windowEnd: windowStart + minuteMs,
      activities: of.length,
      failed: of.filter(({ activity }) => !activity.success).length,
      users: new Set(of.map(({ start }) => start.user_id)).size,
    });
  }
  return { session_profiles: profiles, activities_by_device: byDevice };
}

/** Each activity with the start of its session in the hour before, and the log-in of the minute before that. */
function join({ sessions, auth, activity }: Streams): Joined[] {
  const starts = sessions.filter(({ event_type }) => event_type === 'start');
  const logIns = auth.filter(({ event_type, success }) => event_type === 'login' && success);
  return activity.flatMap((one) =>
    starts
      .filter((start) => isSame(start, one) && isNear(one, start, 60 * minuteMs))
      .flatMap((start) =>
        logIns
          .filter((logIn) => isSame(start, logIn) && isNear(start, logIn, minuteMs))
          .map((logIn) => ({ activity: one, start, logIn })),
      ),
  );
}

type Log = { readonly user_id: string | null; readonly session_id: string | null; readonly event_time: number };

const isSame = (a: Log, b: Log) => a.user_id === b.user_id && a.session_id === b.session_id;
const isNear = (log: Log, other: Log, beforeMs: number) =>
  other.event_time >= log.event_time - beforeMs && other.event_time <= log.event_time + 5_000;

function profile(visit: readonly Joined[]): Row {
  const { activity, start, logIn } = visit[0]!;
  const windowEnd = visit.at(-1)!.activity.event_time + gapMs;
  return {
    user: pseudonymOf(start.user_id),
    session_id: start.session_id,
    windowStart: activity.event_time,
    windowEnd,
    activities: visit.length,
    failed: visit.filter((one) => !one.activity.success).length,
    resources: new Set(visit.flatMap((one) => one.activity.resource ?? [])).size,
    bytes: visit.reduce((total, one) => total + (one.activity.bytes ?? 0), 0),
    method: logIn.method,
    device: start.device,
    city: start.city,
    active_ms: windowEnd - activity.event_time - gapMs,
  };
}
