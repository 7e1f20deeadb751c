import type { AuthLog } from '@millrace/schemas';
import { pseudonymOf } from '@millrace/streams';
import type { Row } from '@millrace/streams';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** The findings of all authentication events, computed plainly. */
export function findings(auth: readonly AuthLog[]): Record<string, Row[]> {
  const attempts = auth.filter(
    ({ event_type, success, failure_reason }) =>
      ['login', 'mfa'].includes(event_type) && (success || failure_reason !== 'expired'),
  );
  const byUser: Row[] = [];
  for (const [user, theirs] of perUser(attempts))
    for (const logs of runs(theirs, 2 * minuteMs)) {
      const { failures, log_ins, suffix } = outcome(logs);
      if (failures < 10) continue;
      const addresses = new Set(logs.map(({ ip }) => ip)).size;
      byUser.push({
        user,
        windowStart: logs[0]!.event_time,
        windowEnd: logs.at(-1)!.event_time + 2 * minuteMs,
        failures,
        log_ins,
        addresses,
        countries: countries(logs),
        score: Math.round(failures) / 10,
        reason: `${failures} failed log-ins in a row from ${addresses} addresses${suffix}`,
      });
    }

  const byIp: Row[] = [];
  for (const [ip, theirs] of Map.groupBy(attempts, (log) => log.ip))
    for (const [number, logs] of Map.groupBy(theirs, (log) => Math.floor(log.event_time / (10 * minuteMs)))) {
      const { failures, log_ins, suffix } = outcome(logs);
      if (failures < 10 || failures / logs.length < 0.5) continue;
      const names = new Set(logs.map(({ username }) => username)).size;
      byIp.push({
        address: pseudonymOf(ip),
        windowStart: number * 10 * minuteMs,
        windowEnd: (number + 1) * 10 * minuteMs,
        attempts: logs.length,
        failures,
        log_ins,
        names,
        score: Math.round(failures) / 10,
        reason: `${failures} failed log-ins in 10 minutes on ${names} names${suffix}`,
      });
    }

  const travel: Row[] = [];
  const logIns = attempts.filter(({ event_type, success }) => event_type === 'login' && success);
  for (const [user, theirs] of perUser(logIns))
    for (const logs of runs(theirs, 4 * hourMs)) {
      const kmh = fastest(logs.filter(({ latitude, longitude }) => latitude !== null && longitude !== null));
      if (kmh < 900) continue;
      const cities = logs
        .flatMap(({ city }) => city ?? [])
        .filter((city, index, all) => city !== all[index - 1])
        .slice(0, 5);
      travel.push({
        user,
        windowStart: logs[0]!.event_time,
        windowEnd: logs.at(-1)!.event_time + 4 * hourMs,
        log_ins: logs.length,
        cities,
        countries: countries(logs),
        max_speed_kmh: kmh,
        score: Math.round((kmh / 900) * 10) / 10,
        reason: `${Math.round(kmh)} km/h from one log-in to the next: ${cities.slice(0, 3).join(' → ')}`,
      });
    }
  return { brute_force_by_user: byUser, brute_force_by_ip: byIp, impossible_travel: travel };
}

const perUser = (logs: readonly AuthLog[]) =>
  Map.groupBy(
    logs.filter(({ user_id }) => user_id !== null),
    ({ user_id }) => pseudonymOf(user_id),
  );

/** Logs in order of time, cut where more than `gapMs` lies between two of them. */
function runs(logs: readonly AuthLog[], gapMs: number): AuthLog[][] {
  const all: AuthLog[][] = [];
  for (const log of logs.toSorted((a, b) => a.event_time - b.event_time)) {
    const last = all.at(-1)?.at(-1);
    if (last === undefined || log.event_time - last.event_time > gapMs) all.push([]);
    all.at(-1)!.push(log);
  }
  return all;
}

function outcome(logs: readonly AuthLog[]): { failures: number; log_ins: number; suffix: string } {
  const failures = logs.filter(({ success }) => !success).length;
  const log_ins = logs.filter(({ success, event_type }) => success && event_type === 'login').length;
  return { failures, log_ins, suffix: log_ins > 0 ? `; ${log_ins} succeeded` : '' };
}

const countries = (logs: readonly AuthLog[]) => new Set(logs.flatMap(({ country }) => country ?? [])).size;

/** The greatest speed between neighbours that lie 500 km apart or more, by vectors from the earth's centre. */
function fastest(logs: readonly AuthLog[]): number {
  let kmh = 0;
  logs.forEach((log, index) => {
    const before = logs[index - 1];
    if (before === undefined) return;
    const [a, b] = [direction(before), direction(log)];
    const cross = Math.hypot(
      a[1] * b[2] - a[2] * b[1],
      a[2] * b[0] - a[0] * b[2],
      a[0] * b[1] - a[1] * b[0],
    );
    const km = 6371.0088 * Math.atan2(cross, a[0] * b[0] + a[1] * b[1] + a[2] * b[2]);
    if (km < 500) return;
    kmh = Math.max(kmh, km / (Math.max(1_000, log.event_time - before.event_time) / hourMs));
  });
  return kmh;
}

function direction({ latitude, longitude }: AuthLog): [number, number, number] {
  const [north, east] = [(latitude! * Math.PI) / 180, (longitude! * Math.PI) / 180];
  return [Math.cos(north) * Math.cos(east), Math.cos(north) * Math.sin(east), Math.sin(north)];
}
