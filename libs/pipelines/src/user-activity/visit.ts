import type { ActivityLog, AuthLog, SessionLog } from '@millrace/schemas';
import type { Random } from '../random.ts';
import type { Device, Person } from './people.ts';
import type { Place } from './places.ts';

/** An event and the topic's source that it belongs to. */
export type UserActivityEvent =
  | { readonly source: 'sessions'; readonly value: SessionLog }
  | { readonly source: 'auth'; readonly value: AuthLog }
  | { readonly source: 'activity'; readonly value: ActivityLog };

/** From where and with what somebody connects. */
export interface Access {
  readonly ip: string;
  readonly place: Place | null;
  readonly device: Device;
}

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const heartbeatMs = minuteMs;
const idleTimeoutMs = 5 * minuteMs;
const longestStayMs = 44 * minuteMs;
/** Wrong passwords in a row after which an account is locked. */
export const lockoutAfter = 5;

/** No event of a visit lies this far behind its beginning: trouble with the password, the stay, the timeout. */
export const longestVisitMs = 60 * minuteMs;

const activities = [
  [40, 'view'],
  [16, 'search'],
  [8, 'create'],
  [14, 'update'],
  [3, 'delete'],
  [9, 'download'],
  [4, 'upload'],
  [3, 'share'],
  [3, 'export'],
] as const;
const movesBytes = new Set(['download', 'upload', 'export']);

/** Passwords are mistyped so often; five times is a forgotten one, and locks the account. */
const mistakes = [
  [900, 0],
  [60, 1],
  [26, 2],
  [10, 3],
  [4, lockoutAfter],
] as const;

const hex = (random: Random) =>
  random
    .below(2 ** 32)
    .toString(16)
    .padStart(8, '0');

/** Writes the events of one thread of happenings in order, each a while after the one before. */
export class Script {
  readonly events: UserActivityEvent[] = [];
  timeMs: number;
  readonly #id: string;
  readonly #person: Person;
  readonly #random: Random;

  constructor(startMs: number, who: Person, random: Random) {
    this.timeMs = startMs;
    this.#person = who;
    this.#random = random;
    this.#id = hex(random) + hex(random);
  }

  /** Lets between `least` and `most` milliseconds go by. */
  wait(least: number, most: number): void {
    this.timeMs += Math.round(least + (most - least) * this.#random.next());
  }

  auth(event_type: string, access: Access, fields: Partial<AuthLog> = {}): void {
    const { ip, place, device } = access;
    this.events.push({
      source: 'auth',
      value: {
        event_id: this.#nextId(),
        event_time: this.timeMs,
        user_id: this.#person.userId,
        username: this.#person.username,
        event_type,
        success: true,
        failure_reason: null,
        method: this.#person.sso ? 'sso' : 'password',
        session_id: null,
        ip,
        ...located(place),
        user_agent: `${device.browser} on ${device.os}`,
        simulated: true,
        ...fields,
      },
    });
  }

  session(event_type: string, access: Access, of: { session_id: string; duration_ms: number | null }): void {
    const { ip, place, device } = access;
    this.events.push({
      source: 'sessions',
      value: {
        event_id: this.#nextId(),
        event_time: this.timeMs,
        user_id: this.#person.userId,
        event_type,
        ip,
        ...located(place),
        ...device,
        simulated: true,
        ...of,
      },
    });
  }

  activity(session_id: string, access: Access): void {
    const random = this.#random;
    const activity_type = random.weighted(activities);
    const success = random.next() >= 0.03;
    this.events.push({
      source: 'activity',
      value: {
        event_id: this.#nextId(),
        event_time: this.timeMs,
        session_id,
        user_id: this.#person.userId,
        activity_type,
        resource: activity_type === 'search' ? '/search' : `/documents/${1 + random.zipf(500, 0.9)}`,
        success,
        status: success ? (activity_type === 'create' ? 201 : 200) : random.weighted(failedStatus),
        duration_ms: Math.round(random.logNormal(60, 0.7) * 100) / 100,
        bytes: movesBytes.has(activity_type) ? Math.round(random.logNormal(200_000, 1.2)) : null,
        ip: access.ip,
        simulated: true,
      },
    });
  }

  /** A session of `stayMs` from its log-in to its end. */
  stay(access: Access, stayMs: number): void {
    const random = this.#random;
    const session_id = `s-${hex(random)}${hex(random)}`;
    this.auth('login', access, { session_id });
    this.wait(200, 2 * secondMs);
    const startMs = this.timeMs;
    this.session('start', access, { session_id, duration_ms: null });
    let nextBeatMs = startMs + heartbeatMs;
    let lastBeatMs = startMs;
    for (;;) {
      const nextActionMs = this.timeMs + Math.round(500 - 20 * secondMs * Math.log(1 - random.next()));
      this.timeMs = Math.min(nextActionMs, nextBeatMs);
      if (this.timeMs >= startMs + stayMs) break;
      if (this.timeMs === nextBeatMs) {
        this.session('heartbeat', access, { session_id, duration_ms: null });
        lastBeatMs = nextBeatMs;
        nextBeatMs += heartbeatMs;
      } else this.activity(session_id, access);
    }
    if (random.next() < 0.7) {
      this.auth('logout', access, { session_id });
      this.wait(20, 200);
      this.session('end', access, { session_id, duration_ms: this.timeMs - startMs });
    } else {
      this.timeMs = lastBeatMs + idleTimeoutMs;
      this.session('timeout', access, { session_id, duration_ms: this.timeMs - startMs });
    }
  }

  #nextId(): string {
    return `${this.#id}-${this.events.length}`;
  }
}

const failedStatus = [
  [4, 404],
  [3, 403],
  [2, 500],
] as const;

const nowhere = { country: null, city: null, latitude: null, longitude: null };
const located = (place: Place | null) => (place === null ? nowhere : place);

/** What is drawn of a visit before its events are written. */
export interface VisitPlan {
  /** How often the password is mistyped before it is right. */
  readonly wrong: number;
  readonly stayMs: number;
}

export function planVisit(who: Person, random: Random): VisitPlan {
  const stayMs = Math.min(random.logNormal(4 * minuteMs, 0.8), longestStayMs);
  return { wrong: who.sso ? 0 : random.weighted(mistakes), stayMs };
}

/** A bound of the time from a visit's first to its last event. */
export const spanOf = ({ wrong, stayMs }: VisitPlan): number =>
  (wrong >= lockoutAfter ? 10 : 2) * minuteMs + stayMs + idleTimeoutMs;

export interface Visit {
  readonly startMs: number;
  readonly who: Person;
  readonly access: Access;
  readonly plan: VisitPlan;
}

/** All events of a visit in order: log-in with its mistakes, session with heartbeats, activities, log-out or timeout. */
export function visitEvents({ startMs, who, access, plan }: Visit, random: Random): UserActivityEvent[] {
  const script = new Script(startMs, who, random);
  const { wrong, stayMs } = plan;
  for (let attempt = 0; attempt < wrong; attempt++) {
    const typo = random.next() < 0.1;
    script.auth('login', access, {
      success: false,
      failure_reason: typo ? 'unknown_user' : 'wrong_password',
      ...(typo && { user_id: null, username: `${who.username}${random.below(10)}` }),
    });
    script.wait(4 * secondMs, 15 * secondMs);
  }
  if (wrong >= lockoutAfter) {
    script.auth('lockout', access);
    for (let more = random.below(4); more > 0; more--) {
      script.wait(5 * secondMs, 20 * secondMs);
      script.auth('login', access, { success: false, failure_reason: 'locked' });
    }
    if (random.next() < 0.2) return script.events; // gives up
    script.wait(2 * minuteMs, 6 * minuteMs);
    script.auth('unlock', access);
    script.wait(5 * secondMs, 30 * secondMs);
    script.auth('password_change', access);
    script.wait(2 * secondMs, 10 * secondMs);
  }
  if (who.mfa) {
    const failed = random.next() < 0.03;
    if (failed) {
      script.auth('mfa', access, { method: 'mfa', success: false, failure_reason: 'mfa_failed' });
      script.wait(5 * secondMs, 20 * secondMs);
    }
    script.auth('mfa', access, { method: 'mfa' });
    script.wait(100, 900);
  }
  script.stay(access, stayMs);
  return script.events;
}
