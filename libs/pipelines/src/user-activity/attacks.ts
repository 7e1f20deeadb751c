import { seededRandom } from '../random.ts';
import type { Random } from '../random.ts';
import { peopleCount, person, whereabouts } from './people.ts';
import type { Person } from './people.ts';
import { distanceKm, places } from './places.ts';
import { Script, lockoutAfter, longestVisitMs, planVisit, visitEvents } from './visit.ts';
import type { Access, UserActivityEvent } from './visit.ts';

/** What was planted: the truth that findings are held against. */
export type Attack =
  | (Span & {
      /** Many passwords tried on one account, from one address or many. */
      readonly kind: 'brute_force_user';
      readonly userId: string;
      readonly ips: readonly string[];
    })
  | (Span & {
      /** One address tries a common password on many names. */
      readonly kind: 'brute_force_ip';
      readonly ip: string;
    })
  | (Span & {
      /** Somebody else logs in with the right password, too far away too soon. */
      readonly kind: 'impossible_travel';
      readonly userId: string;
    });

interface Span {
  readonly startMs: number;
  /** The last event of it. */
  readonly endMs: number;
}

export interface PlantedAttack {
  readonly attack: Attack;
  readonly events: readonly UserActivityEvent[];
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const attackSalt = 0x61_74_74_6b;

/** No event of an attack lies this far behind its beginning: the victim's visit, an hour, the intruder's. */
export const longestAttackMs = 2 * longestVisitMs + hourMs;
/** No slower than the fastest aircraft that carries passengers, by a margin. */
const leastImpossibleKmh = 1_300;
const leastImpossibleKm = 1_000;

const kinds = [
  [4, 'brute_force_user'],
  [3, 'brute_force_ip'],
  [3, 'impossible_travel'],
] as const;

/** Attack number `index`, which begins at `startMs`: the same for the same seed. */
export function plantAttack(seed: number, index: number, startMs: number): PlantedAttack {
  const random = seededRandom(seed ^ attackSalt, index);
  const kind = random.weighted(kinds);
  if (kind === 'brute_force_user') return onUser(seed, startMs, random);
  return kind === 'brute_force_ip' ? onManyNames(seed, startMs, random) : asTraveller(seed, startMs, random);
}

const tool = { device: 'script', os: 'Linux', browser: 'python-requests' };

/** Attackers' addresses: of 203.0.113.0/24 (RFC 5737) or, for hosts of a botnet, of 2001:db8:bad::/48 (RFC 3849). */
const loneIp = (random: Random) => `203.0.113.${1 + random.below(254)}`;
const botIp = (random: Random) => `2001:db8:bad::${random.below(0x10000).toString(16)}`;

function onUser(seed: number, startMs: number, random: Random): PlantedAttack {
  const victim = person(seed, random.below(peopleCount));
  const bots = random.next() < 0.5 ? 1 : 5 + random.below(21);
  const ips = bots === 1 ? [loneIp(random)] : Array.from({ length: bots }, () => botIp(random));
  const attempts = 14 + random.below(47);
  const gapMs = ((2 + 6 * random.next()) * minuteMs) / attempts;
  const from = ips.map((ip) => ({ ip, place: places[random.below(places.length)]!, device: tool }));
  const script = new Script(startMs, victim, random);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const access = from[random.below(from.length)]!;
    const failure_reason = attempt < lockoutAfter ? 'wrong_password' : 'locked';
    script.auth('login', access, { method: 'password', success: false, failure_reason });
    if (attempt === lockoutAfter - 1) script.auth('lockout', access, { method: 'password' });
    script.wait(0.5 * gapMs, 1.5 * gapMs);
  }
  const { events } = script;
  const endMs = events.at(-1)!.value.event_time;
  return { attack: { kind: 'brute_force_user', startMs, endMs, userId: victim.userId, ips }, events };
}

function onManyNames(seed: number, startMs: number, random: Random): PlantedAttack {
  const access: Access = { ip: loneIp(random), place: places[random.below(places.length)]!, device: tool };
  const names = 25 + random.below(56);
  const gapMs = ((2 + 6 * random.next()) * minuteMs) / names;
  const events: UserActivityEvent[] = [];
  let timeMs = startMs;
  for (let name = 0; name < names; name++) {
    const known = random.next() < 0.7;
    const victim = person(seed, random.below(peopleCount));
    const script = new Script(timeMs, victim, random);
    script.auth('login', access, {
      method: 'password',
      success: false,
      ...(known
        ? { failure_reason: 'wrong_password' }
        : { failure_reason: 'unknown_user', user_id: null, username: `admin${random.below(1000)}` }),
    });
    script.wait(0.5 * gapMs, 1.5 * gapMs);
    events.push(...script.events);
    timeMs = script.timeMs;
  }
  const endMs = events.at(-1)!.value.event_time;
  return { attack: { kind: 'brute_force_ip', startMs, endMs, ip: access.ip }, events };
}

function asTraveller(seed: number, startMs: number, random: Random): PlantedAttack {
  const { who, access } = somebodyAtHome(seed, startMs, random);
  const smooth = () => ({ ...planVisit(who, random), wrong: 0 });
  const own = visitEvents({ startMs, who, access, plan: smooth() }, random);
  const laterMs = Math.round((5 + 55 * random.next()) * minuteMs);
  const leastKm = Math.max(leastImpossibleKm, (leastImpossibleKmh * laterMs) / hourMs);
  const far = places.filter((city) => distanceKm(city, who.home) >= leastKm);
  const device = { device: 'laptop', os: 'Linux', browser: 'Firefox' };
  const intruder: Access = { ip: loneIp(random), place: far[random.below(far.length)]!, device };
  const theirs = visitEvents({ startMs: startMs + laterMs, who, access: intruder, plan: smooth() }, random);
  const events = [...own, ...theirs].sort((a, b) => a.value.event_time - b.value.event_time);
  const endMs = theirs.find(({ source }) => source === 'sessions')!.value.event_time;
  return { attack: { kind: 'impossible_travel', startMs, endMs, userId: who.userId }, events };
}

/** A person who is at home at that time; people on a trip are passed over. */
function somebodyAtHome(seed: number, timeMs: number, random: Random): { who: Person; access: Access } {
  for (let index = random.below(peopleCount); ; index = (index + 1) % peopleCount) {
    const who = person(seed, index);
    if (whereabouts(seed, index, timeMs) !== who.home) continue;
    return { who, access: { ip: who.homeIp, place: who.home, device: who.laptop } };
  }
}
