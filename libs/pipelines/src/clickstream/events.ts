import type { UserClickstream } from '@millrace/schemas';
import { type Random, seededRandom } from '../random.ts';
import type { ErrorBurst } from './error-bursts.ts';
import { crawl, journey, MAX_JOURNEY_MS, type Step } from './journey.ts';
import { areas } from './shop.ts';
import { type Shopper, visitor } from './shopper.ts';

export interface ShoppersOptions {
  readonly seed: number;
  /** Averaged over a day; default 5. */
  readonly eventsPerSecond?: number;
  /** The times in which pages fail, beside the few errors of every day; the shoppers are the same with and without. */
  readonly bursts?: (dayStartMs: number) => readonly ErrorBurst[];
}

/** The events of simulated shoppers, addressed by time. */
export interface Shoppers {
  /** The events of `[fromMs, toMs)` in the order of their times: the same for any way to cut time into calls. */
  between(fromMs: number, toMs: number): UserClickstream[];
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Of the simulated visits, crawlers included; measured, and held by a test. */
const EVENTS_PER_VISIT = 5.6;
/** Regular customers for each event per second, so that nobody's visits run into each other. */
const REGULARS_PER_RATE = 4_000;
/** Of the pages, on any day. */
export const ERROR_SHARE = 0.007;
/** Less than lies between any two steps. */
const ERROR_AFTER_MS = 50;

const referrers = [
  [45, null],
  [30, 'https://search.example/'],
  [15, 'https://social.example/'],
  [10, 'https://news.example/'],
] as const;
const everydayErrors = [
  [6, 404],
  [3, 500],
  [1, 429],
] as const;
const burstErrors = [
  [3, 500],
  [3, 503],
  [1, 504],
] as const;

/**
 * Shoppers of a simulated shop: visits that begin at random with the rhythm of the day, journeys through the pages, carts,
 * orders, crawlers, errors. A pure function of seed and time; what was made for the last minute is kept for the next, so that
 * following the clock costs no more than the events themselves.
 */
export function shoppers({ seed, eventsPerSecond = 5, bursts = () => [] }: ShoppersOptions): Shoppers {
  const visitsPerMinute = (eventsPerSecond * 60) / EVENTS_PER_VISIT;
  const regulars = Math.max(100, Math.round(REGULARS_PER_RATE * eventsPerSecond));
  const minutes = new Map<number, UserClickstream[]>();
  let nextStart = Number.NaN;
  let burstsOf: { dayStartMs: number; bursts: readonly ErrorBurst[] } | undefined;

  const failing = (step: Step, timeMs: number): ErrorBurst | undefined => {
    const dayStartMs = Math.floor(timeMs / DAY_MS) * DAY_MS;
    if (burstsOf?.dayStartMs !== dayStartMs) burstsOf = { dayStartMs, bursts: bursts(dayStartMs) };
    return burstsOf.bursts.find(
      ({ fromMs, toMs, area }) => timeMs >= fromMs && timeMs < toMs && (area === null || area === step.area),
    );
  };

  const startVisits = (minute: number) => {
    const random = seededRandom(seed, minute);
    const startMs = minute * MINUTE_MS;
    for (let left = poisson(random, visitsPerMinute * rhythm(startMs)); left > 0; left--) {
      const beginMs = startMs + random.below(MINUTE_MS);
      const visitSeed = random.below(2 ** 32);
      const visit = { seed: visitSeed, beginMs, sessionId: `s-${minute.toString(36)}-${left}` };
      const own = seededRandom(visitSeed);
      const shopper = visitor(own, { seed, regulars });
      for (const event of eventsOf(visit, shopper, { random: own, failing })) {
        const at = Math.floor(event.event_time / MINUTE_MS);
        const events = minutes.get(at);
        if (events === undefined) minutes.set(at, [event]);
        else events.push(event);
      }
    }
  };

  const ofMinute = (minute: number): UserClickstream[] => {
    if (!(minute >= nextStart - 2 && minute < nextStart + 60)) {
      minutes.clear();
      nextStart = minute - MAX_JOURNEY_MS / MINUTE_MS;
    }
    for (; nextStart <= minute; nextStart++) {
      startVisits(nextStart);
      minutes.delete(nextStart - 2);
    }
    // The sort is stable: what a visit does at one time stays in its order.
    return (minutes.get(minute) ?? []).sort((a, b) => a.event_time - b.event_time);
  };

  return {
    between(fromMs, toMs) {
      const events: UserClickstream[] = [];
      for (let minute = Math.floor(fromMs / MINUTE_MS); minute * MINUTE_MS < toMs; minute++) {
        for (const event of ofMinute(minute))
          if (event.event_time >= fromMs && event.event_time < toMs) events.push(event);
      }
      return events;
    },
  };
}

/** How busy the shop is at a time: 1 on average over a day, most in the evening, least in the early morning (UTC). */
export function rhythm(timeMs: number): number {
  return 1 + 0.7 * Math.cos((2 * Math.PI * (timeMs - 19.5 * 3_600_000)) / DAY_MS);
}

export function poisson(random: Random, mean: number): number {
  // The logarithm of a log-normal number is a normal one, which a large Poisson number is close to.
  if (mean > 200) return Math.max(0, Math.round(mean + Math.sqrt(mean) * Math.log(random.logNormal(1, 1))));
  let count = -1;
  for (let product = 1; product > Math.exp(-mean); count++) product *= random.next();
  return count;
}

function eventsOf(
  visit: { seed: number; beginMs: number; sessionId: string },
  shopper: Shopper,
  { random, failing }: { random: Random; failing: (step: Step, timeMs: number) => ErrorBurst | undefined },
): UserClickstream[] {
  const { beginMs, sessionId } = visit;
  const faults = seededRandom(visit.seed, 1);
  const steps = shopper.bot ? crawl(random) : journey(random);
  const eventOf = (step: Step, index: number, of: Partial<UserClickstream>): UserClickstream => ({
    event_id: `${sessionId}-${index}`,
    event_time: beginMs + step.atMs,
    event_type: step.type,
    user_id: shopper.userId,
    session_id: sessionId,
    page: step.page,
    product_id: step.product?.id ?? null,
    category: step.product?.category ?? null,
    price: step.product?.price ?? null,
    quantity: step.quantity,
    order_id: step.type === 'purchase' ? `o-${sessionId}-${step.atMs}` : null,
    referrer: null,
    load_ms: null,
    error_code: null,
    device: shopper.device,
    country: shopper.country,
    user_agent: shopper.userAgent,
    simulated: true,
    ...of,
  });
  return steps.flatMap((step, index) => {
    if (step.type !== 'page_view') return [eventOf(step, index, {})];
    const referrer = index === 0 ? random.weighted(referrers) : null;
    const load_ms = Math.round(random.logNormal(areas[step.area].loadMs, 0.45));
    const opened = eventOf(step, index, { referrer, load_ms });
    // Both are drawn for every page, so that a burst adds errors and changes nothing else.
    const draw = faults.next();
    const error_code = faults.weighted(draw < ERROR_SHARE ? everydayErrors : burstErrors);
    if (draw >= (failing(step, opened.event_time)?.share ?? ERROR_SHARE)) return [opened];
    const event_id = `${opened.event_id}-error`;
    const event_time = opened.event_time + ERROR_AFTER_MS;
    return [opened, { ...opened, event_id, event_time, event_type: 'error', load_ms: null, error_code }];
  });
}
