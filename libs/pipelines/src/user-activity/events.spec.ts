import { describe, expect, it } from '@jest/globals';
import type { ActivityLog, AuthLog, SessionLog } from '@millrace/schemas';
import { plantedAttacks, userActivityEvents } from './events.ts';
import { distanceKm, places } from './places.ts';
import type { UserActivityEvent } from './visit.ts';

const hourMs = 3_600_000;
const fromMs = Date.UTC(2026, 0, 5);
const day = { seed: 3, fromMs, toMs: fromMs + 24 * hourMs, visitsPerHour: 30 };
const events = userActivityEvents(day);

const of = <Log>(source: UserActivityEvent['source'], some: readonly UserActivityEvent[] = events) =>
  some.filter((event) => event.source === source).map(({ value }) => value as unknown as Log);

describe('the simulated company', () => {
  it('does the same again from the same seed, and something else from another', () => {
    const hour = { ...day, toMs: fromMs + hourMs };
    expect(userActivityEvents(hour)).toEqual(userActivityEvents(hour));
    expect(userActivityEvents({ ...hour, seed: 4 })).not.toEqual(userActivityEvents(hour));
  });

  it('goes on where it stood: any cut of the time gives the same events', () => {
    const pieces: UserActivityEvent[] = [];
    const whole = { ...day, attacksPerDay: 20 };
    for (let at = fromMs; at < day.toMs; at += 17 * 60_000)
      pieces.push(
        ...userActivityEvents({ ...whole, fromMs: at, toMs: Math.min(at + 17 * 60_000, day.toMs) }),
      );
    expect(pieces).toEqual(userActivityEvents(whole));
  });

  it('gives every event an id of its own, in the order of time', () => {
    expect(new Set(events.map(({ value }) => value.event_id)).size).toBe(events.length);
    const times = events.map(({ value }) => value.event_time);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('keeps its three topics in step: a log-in opens each session, activities lie in it, one event ends it', () => {
    const sessions = Map.groupBy(of<SessionLog>('sessions'), ({ session_id }) => session_id);
    const logIns = new Map(
      of<AuthLog>('auth')
        .filter(({ event_type, success }) => event_type === 'login' && success)
        .map((log) => [log.session_id, log]),
    );
    // Sessions that lie whole in the day.
    const whole = [...sessions].filter(
      ([, logs]) => logs[0]!.event_type === 'start' && ['end', 'timeout'].includes(logs.at(-1)!.event_type),
    );
    expect(whole.length).toBeGreaterThan(200);
    const activities = Map.groupBy(of<ActivityLog>('activity'), ({ session_id }) => session_id);
    for (const [id, logs] of whole) {
      const logIn = logIns.get(id)!;
      const [start] = logs;
      const last = logs.at(-1)!;
      expect(start!.event_time - logIn.event_time).toBeGreaterThanOrEqual(0);
      expect(logIn.user_id).toBe(start!.user_id);
      expect(last.duration_ms).toBe(last.event_time - start!.event_time);
      for (const { event_time, user_id } of activities.get(id) ?? []) {
        expect(event_time).toBeGreaterThanOrEqual(start!.event_time);
        expect(event_time).toBeLessThanOrEqual(last.event_time);
        expect(user_id).toBe(start!.user_id);
      }
    }
  });

  it('has addresses that are kept for documentation, and no others', () => {
    const documentation = /^(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+$|^2001:db8:/;
    const all = userActivityEvents({ ...day, attacksPerDay: 50 });
    expect(all.filter(({ value }) => !documentation.test(value.ip))).toEqual([]);
  });

  it('plants attacks on request only, and tells where', () => {
    expect(plantedAttacks(day)).toEqual([]);
    const attacked = { ...day, attacksPerDay: 24 };
    const attacks = plantedAttacks(attacked);
    expect(new Set(attacks.map(({ kind }) => kind)).size).toBe(3);
    const failures = of<AuthLog>('auth', userActivityEvents(attacked)).filter(({ success }) => !success);
    for (const attack of attacks) {
      if (attack.kind === 'impossible_travel' || attack.startMs < fromMs || attack.endMs >= day.toMs)
        continue;
      const theirs = failures.filter(({ event_time, user_id, ip }) => {
        const isTheirs = attack.kind === 'brute_force_ip' ? ip === attack.ip : attack.ips.includes(ip);
        const isTarget = attack.kind === 'brute_force_ip' || user_id === attack.userId;
        return isTheirs && isTarget && event_time >= attack.startMs && event_time <= attack.endMs;
      });
      expect(theirs.length).toBeGreaterThanOrEqual(14);
    }
  });

  it('lets nobody of its own travel faster than an airliner', () => {
    const month = userActivityEvents({ ...day, toMs: fromMs + 15 * 24 * hourMs, visitsPerHour: 60 });
    const located = of<AuthLog>('auth', month).filter(
      ({ event_type, success, latitude }) => event_type === 'login' && success && latitude !== null,
    );
    let fast = 0;
    for (const logs of Map.groupBy(located, ({ user_id }) => user_id).values())
      logs.slice(1).forEach((log, index) => {
        const before = logs[index]!;
        const km = distanceKm(placeOf(before), placeOf(log));
        if (km > 500 && km / ((log.event_time - before.event_time) / hourMs) > 900) fast++;
      });
    // What is left is the geo-IP database, which is wrong about one address in 10,000.
    expect(fast).toBeLessThanOrEqual(6);
  });
});

const placeOf = ({ latitude, longitude }: AuthLog) => ({
  country: '',
  city: '',
  latitude: latitude!,
  longitude: longitude!,
});

describe('distanceKm', () => {
  it('is that of known pairs of cities', () => {
    const city = (name: string) => places.find((place) => place.city === name)!;
    expect(distanceKm(city('Berlin'), city('New York'))).toBeCloseTo(6385, -1);
    expect(distanceKm(city('Auckland'), city('Santiago'))).toBeCloseTo(9670, -2);
    expect(distanceKm(city('Paris'), city('Paris'))).toBe(0);
  });
});
