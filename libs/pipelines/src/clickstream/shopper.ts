import { type Random, seededRandom } from '../random.ts';

/** Who visits, and with what. */
export interface Shopper {
  readonly userId: string;
  readonly device: string;
  readonly country: string;
  readonly userAgent: string;
  readonly bot: boolean;
}

const devices = [
  [55, 'mobile'],
  [38, 'desktop'],
  [7, 'tablet'],
] as const;
const countries = [
  [38, 'DE'],
  [16, 'FR'],
  [14, 'GB'],
  [12, 'US'],
  [8, 'NL'],
  [7, 'AT'],
  [5, 'PL'],
] as const;
const agents: Readonly<Record<string, string>> = {
  mobile: 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Safari/605.1',
  tablet: 'Mozilla/5.0 (iPad; CPU OS 19_1 like Mac OS X) Safari/605.1',
  desktop: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0',
};
const BOT_AGENT = 'Mozilla/5.0 (compatible; ExampleBot/2.1; +https://example.com/bot)';

/** Of all visits. */
const BOT_SHARE = 0.012;
/** Crawlers that say what they are; the others are known by their pace alone. */
const HONEST_BOT_SHARE = 0.6;
const RETURNING_SHARE = 0.45;

/**
 * Who makes a visit: a crawler, somebody new, or one of `regulars` people, each with the same device and country at every
 * visit.
 */
export function visitor(random: Random, { seed, regulars }: { seed: number; regulars: number }): Shopper {
  if (random.next() < BOT_SHARE) {
    const userAgent = random.next() < HONEST_BOT_SHARE ? BOT_AGENT : (agents.desktop as string);
    return { userId: newId(random), device: 'desktop', country: 'US', userAgent, bot: true };
  }
  if (random.next() >= RETURNING_SHARE) return person(newId(random), random);
  const number = random.zipf(regulars, 0.3);
  return person(`r-${seed}-${number}`, seededRandom(seed ^ 0x5eed, number));
}

function person(userId: string, random: Random): Shopper {
  const device = random.weighted(devices);
  const country = random.weighted(countries);
  return { userId, device, country, userAgent: agents[device] as string, bot: false };
}

function newId(random: Random): string {
  return `n-${random.below(2 ** 31).toString(36)}`;
}
