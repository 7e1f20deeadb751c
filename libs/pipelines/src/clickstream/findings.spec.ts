import { describe, expect, it } from '@jest/globals';
import { testPipeline } from '@millrace/streams/testing';
import { seededRandom } from '../random.ts';
import { type BurstPlan, type ErrorBurst, errorBursts } from './error-bursts.ts';
import { ERROR_SHARE, poisson, rhythm, shoppers } from './events.ts';
import { clickstream } from './pipeline.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;
const firstDayMs = Date.UTC(2026, 0, 5);
const eventsPerSecond = 5;
/** How the page views of the simulated shop are spread, from a day of it. */
const viewShare = 0.78;
const areaShares = { home: 0.2, category: 0.21, search: 0.1, product: 0.41, cart: 0.04, order: 0.04 };
/** What is looked at of a day: from its quietest hour to its busy ones; all of it would be minutes of computing. */
const opensMs = 6 * 3_600_000;
const closesMs = 15 * 3_600_000;
/** What a finding waits for at the end of a day. */
const longAfterMs = 2 * 60 * minuteMs;

/** The definition, with the views alone that findings come from. */
const { errors_per_minute, error_spikes } = clickstream.views;
const detector = { ...clickstream, views: { errors_per_minute, error_spikes } };

type Events = readonly Record<string, unknown>[];

/**
 * What the detector sees of a minute of the shop: its errors, as many as its page views and its bursts make likely, and one page
 * view for the others, which it does not look at.
 */
function thinnedMinute(seed: number, fromMs: number, bursts: readonly ErrorBurst[]): Events {
  const random = seededRandom(seed, fromMs / minuteMs);
  const views = poisson(random, eventsPerSecond * 60 * viewShare * rhythm(fromMs));
  const event = { event_time: fromMs, event_type: 'page_view', page: '/', user_agent: 'Mozilla/5.0' };
  const failing = Object.entries(areaShares).flatMap(([area, areaShare]) => {
    const during = bursts.find((burst) => overlaps(fromMs, burst) && (burst.area ?? area) === area);
    const lengthMs = during && Math.min(during.toMs, fromMs + minuteMs) - Math.max(during.fromMs, fromMs);
    const share = during === undefined ? ERROR_SHARE : (during.share * lengthMs!) / minuteMs;
    return Array<string>(poisson(random, views * areaShare * share)).fill(`/${area}`);
  });
  return [
    event,
    ...failing.map((page) => ({
      ...event,
      ...{ event_time: fromMs + random.below(minuteMs), event_type: 'error', page, error_code: 500 },
    })),
  ];
}

const plantedOn = (startMs: number, plan: BurstPlan): ErrorBurst[] =>
  errorBursts(plan, startMs).filter(
    ({ fromMs, toMs }) => fromMs >= startMs + opensMs && toMs <= startMs + closesMs,
  );

const overlaps = (minute: number, { fromMs, toMs }: ErrorBurst) =>
  minute < toMs && minute + minuteMs > fromMs;

/** The minutes of a day in which the pipeline finds a spike. */
function findings(startMs: number, eventsOf: (fromMs: number) => Events): number[] {
  const driver = testPipeline(detector);
  driver.advanceTime(startMs + dayMs);
  for (let fromMs = startMs + opensMs; fromMs < startMs + closesMs; fromMs += minuteMs) {
    driver.pipeAll('clicks', eventsOf(fromMs));
    driver.advanceWatermark('clicks', fromMs + minuteMs);
  }
  driver.advanceWatermark('clicks', startMs + dayMs + longAfterMs);
  expect(driver.late()).toEqual([]);
  return driver.rows('error_spikes').map(({ windowEnd }) => (windowEnd as number) - minuteMs);
}

/** How much of what was planted is found, how much of what is found was planted, and in words what is wrong. */
class Score {
  #planted = 0;
  #caught = 0;
  #found = 0;
  #right = 0;
  readonly wrong: string[] = [];

  note(seed: number, planted: readonly ErrorBurst[], found: readonly number[]): void {
    const missed = planted.filter((burst) => !found.some((minute) => overlaps(minute, burst)));
    const invented = found.filter((minute) => !planted.some((burst) => overlaps(minute, burst)));
    this.#planted += planted.length;
    this.#caught += planted.length - missed.length;
    this.#found += found.length;
    this.#right += found.length - invented.length;
    this.wrong.push(
      ...missed.map((burst) => `seed ${seed}: missed ${JSON.stringify(burst)}`),
      ...invented.map((minute) => `seed ${seed}: nothing was planted at ${new Date(minute).toISOString()}`),
    );
  }

  expectGood(): void {
    const recall = this.#caught / this.#planted;
    const precision = this.#right / this.#found;
    const isGood = recall >= 0.95 && precision >= 0.9;
    expect(isGood ? [] : [`recall ${recall}, precision ${precision}`, ...this.wrong.slice(0, 20)]).toEqual(
      [],
    );
  }
}

describe('error_spikes', () => {
  it('finds the bursts of errors that were planted on 100 days, and little else', () => {
    const score = new Score();
    for (let seed = 1; seed <= 100; seed++) {
      const startMs = firstDayMs + seed * dayMs;
      const planted = plantedOn(startMs, { seed, perDay: 8 });
      score.note(
        seed,
        planted,
        findings(startMs, (fromMs) => thinnedMinute(seed, fromMs, planted)),
      );
    }
    score.expectGood();
  }, 300_000);

  it('finds them among all events of simulated shoppers', () => {
    const score = new Score();
    for (const seed of [101, 102]) {
      const startMs = firstDayMs + seed * dayMs;
      const planted = plantedOn(startMs, { seed, perDay: 8 });
      const shop = shoppers({ seed, eventsPerSecond: 2, bursts: () => planted });
      score.note(
        seed,
        planted,
        findings(startMs, (fromMs) => shop.between(fromMs, fromMs + minuteMs).map((event) => ({ ...event }))),
      );
    }
    score.expectGood();
  }, 60_000);
});
