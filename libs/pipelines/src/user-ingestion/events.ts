import { seededRandom, type Random } from '../random.ts';

/** Who has registered lately: each person once, the newest first. */
export interface People {
  readonly seed: number;
  /** Registrations an hour. */
  readonly perHour: number;
  /** How long a registration stays in the list. */
  readonly listedMs: number;
}

interface Country {
  readonly country: string;
  readonly nat: string;
  readonly states: readonly string[];
  readonly lat: number;
  readonly lon: number;
}

const countries: readonly (readonly [weight: number, country: Country])[] = [
  [30, { country: 'United States', nat: 'US', states: ['California', 'Ohio', 'Texas'], lat: 39, lon: -98 }],
  [18, { country: 'Germany', nat: 'DE', states: ['Bayern', 'Hessen', 'Sachsen'], lat: 51, lon: 10 }],
  [14, { country: 'Brazil', nat: 'BR', states: ['Bahia', 'São Paulo'], lat: -10, lon: -53 }],
  [12, { country: 'France', nat: 'FR', states: ['Gironde', 'Paris', 'Rhône'], lat: 46, lon: 2 }],
  [10, { country: 'India', nat: 'IN', states: ['Kerala', 'Punjab'], lat: 21, lon: 78 }],
  [8, { country: 'Norway', nat: 'NO', states: ['Oslo', 'Rogaland'], lat: 62, lon: 10 }],
  [8, { country: 'New Zealand', nat: 'NZ', states: ['Otago', 'Waikato'], lat: -41, lon: 174 }],
];
const firstNames = {
  female: ['Ana', 'Berit', 'Chloé', 'Divya', 'Emma', 'Frida', 'Grace', 'Hannah'],
  male: ['Arjun', 'Bruno', 'Caleb', 'Émile', 'Felix', 'Henrik', 'Jonas', 'Luis'],
} as const;
const lastNames = ['Almeida', 'Becker', 'Carter', 'Dubois', 'Eide', 'Ferreira', 'Gupta', 'Hansen', 'Walker'];
const streets = ['Church Street', 'Hauptstraße', 'Mill Lane', 'Rua da Praia', 'Rue Pasteur', 'Storgata'];
const cities = ['Ashford', 'Belém', 'Calais', 'Dresden', 'Florø', 'Nelson', 'Pune', 'Springfield'];

const yearMs = 365.2425 * 24 * 3_600_000;
/** One in this many moves house while listed. */
const MOVERS = 4;

/**
 * Those listed at `timeMs`, in the form of randomuser.me's `results`: the same for the same seed and time. One in four
 * changes address at some time while listed.
 *
 * @see https://randomuser.me/documentation
 */
export function peopleAt(people: People, timeMs: number): object[] {
  const everyMs = 3_600_000 / people.perHour;
  const newest = Math.floor(timeMs / everyMs);
  const oldest = Math.max(0, Math.floor((timeMs - people.listedMs) / everyMs) + 1);
  return Array.from({ length: newest - oldest + 1 }, (_, back) =>
    simulatedProfile(people, newest - back, timeMs),
  );
}

/** Person number `index` as the profile stands at `timeMs`. */
export function simulatedProfile({ seed, perHour, listedMs }: People, index: number, timeMs: number): object {
  const random = seededRandom(seed, index);
  const registeredMs = Math.floor((index * 3_600_000) / perHour);
  const gender = random.next() < 0.5 ? 'female' : 'male';
  const place = random.weighted(countries);
  const first = pick(random, firstNames[gender]);
  const last = pick(random, lastNames);
  const username = `${first}.${last}.${index}`
    .normalize('NFD')
    .replace(/[^\w.]/g, '')
    .toLowerCase();
  const age = 18 + Math.min(72, Math.floor(random.logNormal(18, 0.6)));
  const born = new Date(registeredMs - (age + random.next()) * yearMs);
  const uuid = uuidOf(random);
  const phone = digits(random, 8);
  const moves = random.below(MOVERS) === 0;
  const movesAtMs = registeredMs + random.next() * listedMs;
  const address = addressOf(seededRandom(seed ^ 0x5eed, index * 2 + (moves && movesAtMs <= timeMs ? 1 : 0)));
  return {
    gender,
    name: { title: gender === 'female' ? 'Ms' : 'Mr', first, last },
    location: {
      ...address,
      state: pick(random, place.states),
      country: place.country,
      coordinates: {
        latitude: (place.lat + random.next()).toFixed(4),
        longitude: (place.lon + random.next()).toFixed(4),
      },
      timezone: { offset: `${place.lon < 0 ? '-' : '+'}${Math.round(Math.abs(place.lon) / 15)}:00` },
    },
    email: `${username}@example.com`,
    login: { uuid, username },
    dob: { date: born.toISOString(), age },
    registered: { date: new Date(registeredMs).toISOString(), age: 0 },
    phone: `555-${phone}`,
    cell: `556-${phone}`,
    id: { name: 'SIM', value: String(index) },
    picture: { large: `https://example.com/portraits/${uuid}.jpg` },
    nat: place.nat,
  };
}

function addressOf(random: Random) {
  return {
    street: { number: 1 + random.below(200), name: pick(random, streets) },
    city: pick(random, cities),
    postcode: digits(random, 5),
  };
}

function pick<T>(random: Random, choices: readonly T[]): T {
  return random.weighted(choices.map((choice) => [1, choice] as const));
}

function digits(random: Random, count: number): string {
  return Array.from({ length: count }, () => random.below(10)).join('');
}

/** Of version 4, from the random source. */
function uuidOf(random: Random): string {
  return 'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, () => random.below(16).toString(16));
}
