import { seededRandom } from '../random.ts';
import { distanceKm, places } from './places.ts';
import type { Place } from './places.ts';

/** One of the simulated people. */
export interface Person {
  readonly userId: string;
  readonly username: string;
  readonly home: Place;
  /** Logs in by the company's single sign-on, and so never mistypes a password here. */
  readonly sso: boolean;
  readonly mfa: boolean;
  readonly laptop: Device;
  readonly phone: Device;
  /** At home; of 2001:db8::/32, which RFC 3849 keeps for documentation. */
  readonly homeIp: string;
  /** Shared by everybody in the same city; of 192.0.2.0/24 (RFC 5737). */
  readonly officeIp: string;
}

export interface Device {
  readonly device: string;
  readonly os: string;
  readonly browser: string;
}

export const peopleCount = 400;

const firstNames =
  'ada ben chloe dario emre fatou grace hiro ines jonas kofi lena mira nils olga pedro quinn rosa samir tara';
const lastNames =
  'adler brown costa dubois eriksen fischer garcia haddad ito jansen kaya lopez meyer novak okafor park quist rossi silva tanaka';
const first = firstNames.split(' ');
const last = lastNames.split(' ');

const laptops: readonly (readonly [weight: number, Device])[] = [
  [5, { device: 'desktop', os: 'Windows', browser: 'Edge' }],
  [4, { device: 'laptop', os: 'macOS', browser: 'Safari' }],
  [2, { device: 'laptop', os: 'Linux', browser: 'Firefox' }],
];
const phones: readonly (readonly [weight: number, Device])[] = [
  [5, { device: 'phone', os: 'Android', browser: 'Chrome' }],
  [4, { device: 'phone', os: 'iOS', browser: 'Safari' }],
];

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const personSalt = 0x70_65_6f_70;
const tripSalt = 0x74_72_69_70;

/** Person number `index`: the same for the same seed. */
export function person(seed: number, index: number): Person {
  const random = seededRandom(seed ^ personSalt, index);
  const city = random.zipf(places.length, 0.4);
  const sso = random.next() < 0.3;
  return {
    userId: `u-${String(index).padStart(5, '0')}`,
    username: `${first[index % first.length]}.${last[Math.floor(index / first.length) % last.length]}`,
    home: places[city]!,
    sso,
    mfa: !sso && random.next() < 0.4,
    laptop: random.weighted(laptops),
    phone: random.weighted(phones),
    homeIp: `2001:db8:${(city + 1).toString(16)}::${(index + 1).toString(16)}`,
    officeIp: `192.0.2.${city + 1}`,
  };
}

/** People set out at six in the morning, UTC. */
const departureMs = 6 * hourMs;
/** Nobody is further away than a day's flight. */
const farthestTripKm = 9_000;
const airlinerKmh = 700;
const airportsMs = 1.5 * hourMs;

/**
 * Where a person is; undefined on the way. One day in seventy is a trip: there in the morning, back on the next, each way
 * with the time that an airliner and two airports take.
 */
export function whereabouts(seed: number, index: number, timeMs: number): Place | undefined {
  const { home } = person(seed, index);
  const sinceMs = timeMs - departureMs;
  const day = Math.floor(sinceMs / dayMs);
  const outward = day % 2 === 0;
  const target = tripOf(seed, index, home, outward ? day : day - 1);
  if (target === undefined) return home;
  const onTheWayMs = airportsMs + (distanceKm(home, target) / airlinerKmh) * hourMs;
  if (sinceMs - day * dayMs < onTheWayMs) return undefined;
  return outward ? target : home;
}

function tripOf(seed: number, index: number, home: Place, day: number): Place | undefined {
  const random = seededRandom(seed ^ tripSalt, day * peopleCount + index);
  if (random.next() >= 2 / 70) return undefined;
  const reachable = places.filter((city) => city !== home && distanceKm(home, city) < farthestTripKm);
  return reachable[random.below(reachable.length)];
}
