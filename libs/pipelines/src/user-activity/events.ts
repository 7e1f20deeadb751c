import { seededRandom } from '../random.ts';
import type { Random } from '../random.ts';
import { longestAttackMs, plantAttack } from './attacks.ts';
import type { Attack, PlantedAttack } from './attacks.ts';
import { peopleCount, person, whereabouts } from './people.ts';
import type { Person } from './people.ts';
import { places } from './places.ts';
import type { Place } from './places.ts';
import { Script, longestVisitMs, planVisit, spanOf, visitEvents } from './visit.ts';
import type { Access, UserActivityEvent } from './visit.ts';

/** Event times `[fromMs, toMs)` of a simulated company. */
export interface UserActivityOptions {
  readonly seed: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Visits that begin in a busy hour; at night there are fewer. */
  readonly visitsPerHour: number;
  /** Attacks planted among them; none by default. */
  readonly attacksPerDay?: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const serviceSalt = 0x73_76_63;

/**
 * What people do in that time, in order of event time: sessions, authentication and activities in step. Any cut of the time
 * gives the same events, so that a source goes on from where it stood.
 */
export function userActivityEvents(options: UserActivityOptions): UserActivityEvent[] {
  const { seed, fromMs, toMs } = options;
  const events: UserActivityEvent[] = [];
  const take = (some: readonly UserActivityEvent[]) => {
    for (const event of some)
      if (event.value.event_time >= fromMs && event.value.event_time < toMs) events.push(event);
  };
  const sizeMs = hourMs / options.visitsPerHour;
  forEachSlot(sizeMs, { fromMs: fromMs - longestVisitMs, toMs }, (slot, slotMs) =>
    take(visitOf({ seed, slot, slotMs, sizeMs, fromMs })),
  );
  forEachSlot(dayMs, { fromMs, toMs }, (day, startMs) => take(forgottenService(seed, day, startMs)));
  for (const { events: planted } of attacksIn(options)) take(planted);
  return events.sort((a, b) => a.value.event_time - b.value.event_time || compareIds(a, b));
}

/** The truth about that time: the attacks of which `userActivityEvents` with the same options gives at least one event. */
export function plantedAttacks(options: UserActivityOptions): Attack[] {
  return attacksIn(options)
    .map(({ attack }) => attack)
    .filter(({ startMs, endMs }) => startMs < options.toMs && endMs >= options.fromMs);
}

function compareIds(a: UserActivityEvent, b: UserActivityEvent): number {
  return a.value.event_id < b.value.event_id ? -1 : 1;
}

/** Calls with each slot that overlaps the time and with the slot's beginning; slots are counted from the epoch. */
function forEachSlot(
  sizeMs: number,
  { fromMs, toMs }: { fromMs: number; toMs: number },
  visit: (slot: number, slotMs: number) => void,
): void {
  for (let slot = Math.floor(fromMs / sizeMs); slot * sizeMs < toMs; slot++) visit(slot, slot * sizeMs);
}

function attacksIn({ seed, fromMs, toMs, attacksPerDay = 0 }: UserActivityOptions): PlantedAttack[] {
  const attacks: PlantedAttack[] = [];
  if (attacksPerDay <= 0) return attacks;
  const sizeMs = dayMs / attacksPerDay;
  forEachSlot(sizeMs, { fromMs: fromMs - longestAttackMs, toMs }, (slot, slotMs) => {
    const startMs = Math.round(slotMs + sizeMs * seededRandom(seed ^ serviceSalt, slot).next());
    attacks.push(plantAttack(seed, slot, startMs));
  });
  return attacks;
}

interface VisitSlot {
  readonly seed: number;
  readonly slot: number;
  readonly slotMs: number;
  readonly sizeMs: number;
  readonly fromMs: number;
}

/** The visit that begins in a slot, unless it is over by `fromMs`, it is night where the person lives or the person travels. */
function visitOf({ seed, slot, slotMs, sizeMs, fromMs }: VisitSlot): UserActivityEvent[] {
  const random = seededRandom(seed, slot);
  const startMs = Math.round(slotMs + sizeMs * random.next());
  const index = random.zipf(peopleCount, 0.5);
  const who = person(seed, index);
  const localHour = (((startMs / hourMs + who.home.longitude / 15) % 24) + 24) % 24;
  const plan = planVisit(who, random);
  if (random.next() > wakefulness(localHour) || startMs + spanOf(plan) < fromMs) return [];
  const place = whereabouts(seed, index, startMs);
  if (place === undefined) return [];
  return visitEvents({ startMs, who, access: accessOf({ who, place, localHour, random }), plan }, random);
}

/** From 0.15 at four in the morning to 1 in the afternoon. */
const wakefulness = (localHour: number): number =>
  0.575 - 0.425 * Math.cos(((localHour - 4) / 24) * 2 * Math.PI);

/** How far off a phone's address is at most, which belongs to its network's gateway. */
const gatewayOffDegrees = 1.5;

function accessOf(of: { who: Person; place: Place; localHour: number; random: Random }): Access {
  const { who, place, localHour, random } = of;
  const draw = random.next();
  const located = geoLookup(place, random);
  if (draw < 0.35) {
    const off = () => (2 * random.next() - 1) * gatewayOffDegrees;
    const gateway = located && {
      ...located,
      latitude: round(located.latitude + off()),
      longitude: round(located.longitude + off()),
    };
    return { ip: `198.51.100.${1 + random.below(254)}`, place: gateway, device: who.phone };
  }
  const atWork = place === who.home && localHour >= 8 && localHour < 18 && draw < 0.8;
  return { ip: atWork ? who.officeIp : who.homeIp, place: located, device: who.laptop };
}

const round = (degrees: number) => Math.round(degrees * 100) / 100;

/** What a geo-IP database says: one address in 500 it does not know, and one in 10,000 it places in another city. */
function geoLookup(place: Place, random: Random): Place | null {
  const draw = random.next();
  if (draw < 1 / 500) return null;
  return draw < 1 / 500 + 1 / 10_000 ? places[random.below(places.length)]! : place;
}

/** On one day in four a backup job's token has expired: it is refused every half minute from two to five, and is no attack. */
function forgottenService(seed: number, day: number, dayStartMs: number): UserActivityEvent[] {
  const random = seededRandom(seed ^ serviceSalt, day);
  if (random.next() >= 0.25) return [];
  const job: Person = { ...person(seed, 0), userId: 'u-backup', username: 'svc-backup' };
  const access: Access = {
    ip: '192.0.2.250',
    place: job.home,
    device: { device: 'server', os: 'Linux', browser: 'backup-agent' },
  };
  const script = new Script(dayStartMs + 2 * hourMs, job, random);
  while (script.timeMs < dayStartMs + 5 * hourMs) {
    script.auth('login', access, { method: 'token', success: false, failure_reason: 'expired' });
    script.wait(29_000, 31_000);
  }
  return script.events;
}
