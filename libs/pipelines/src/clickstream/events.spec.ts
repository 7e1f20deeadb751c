import { describe, expect, it } from '@jest/globals';
import type { UserClickstream } from '@millrace/schemas';
import { errorBursts } from './error-bursts.ts';
import { shoppers } from './events.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;
const monday = Date.UTC(2026, 0, 5);

/** Whether they are the same events; a difference of a day's events would fill the screen. */
const isSame = (a: readonly object[], b: readonly object[]) =>
  a.length === b.length && a.every((event, index) => JSON.stringify(event) === JSON.stringify(b[index]));

/** A day in calls of a minute, as a producer makes them. */
function day(options: Parameters<typeof shoppers>[0]): UserClickstream[] {
  const { between } = shoppers(options);
  return Array.from({ length: 1440 }, (_, minute) =>
    between(monday + minute * minuteMs, monday + (minute + 1) * minuteMs),
  ).flat();
}

const events = day({ seed: 1, eventsPerSecond: 0.5 });
const sessions = [...Map.groupBy(events, ({ session_id }) => session_id).values()];
const share = (of: (session: UserClickstream[]) => boolean) => sessions.filter(of).length / sessions.length;

describe('shoppers', () => {
  it('do the same for the same seed, however time is cut, and from wherever one begins', () => {
    const fromMs = monday + 20 * 3_600_000;
    const hour = shoppers({ seed: 7 }).between(fromMs, fromMs + 60 * minuteMs);
    const { between } = shoppers({ seed: 7 });
    const pieces: UserClickstream[] = [];
    for (let atMs = fromMs, step = 1; atMs < fromMs + 60 * minuteMs; atMs += step, step = (step * 7) % 90_001)
      pieces.push(...between(atMs, Math.min(atMs + step, fromMs + 60 * minuteMs)));
    expect(isSame(pieces, hour)).toBe(true);
    const resumedMs = fromMs + 17 * minuteMs + 3;
    const rest = shoppers({ seed: 7 }).between(resumedMs, fromMs + 60 * minuteMs);
    const expected = hour.filter(({ event_time }) => event_time >= resumedMs);
    expect(isSame(rest, expected)).toBe(true);
    expect(isSame(shoppers({ seed: 8 }).between(fromMs, fromMs + 60 * minuteMs), hour)).toBe(false);
  });

  it('tell their events in the order of time, each with its own id', () => {
    expect(events.every(({ event_time }, at) => event_time >= (events[at - 1]?.event_time ?? 0))).toBe(true);
    expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(events.length);
  });

  it('come at the rate that was asked for, more in the evening than at night', () => {
    expect(events.length / 86_400).toBeGreaterThan(0.45);
    expect(events.length / 86_400).toBeLessThan(0.55);
    const inHour = (hour: number) =>
      events.filter(({ event_time }) => Math.floor((event_time - monday) / 3_600_000) === hour).length;
    expect(inHour(19)).toBeGreaterThan(3 * inHour(7));
  });

  it('leave after one page, fill carts, pay or do not, as shoppers do', () => {
    const has = (type: string) => share((session) => session.some(({ event_type }) => event_type === type));
    const bounced = share(
      (session) => session.filter(({ event_type }) => event_type === 'page_view').length === 1,
    );
    expect(bounced).toBeGreaterThan(0.3);
    expect(bounced).toBeLessThan(0.5);
    expect(has('add_to_cart')).toBeGreaterThan(2 * has('purchase'));
    expect(has('checkout')).toBeGreaterThan(has('purchase'));
    expect(has('purchase')).toBeGreaterThan(0.02);
  });

  it('want few products much, come back now and then, and some of them are crawlers', () => {
    const views = events.filter((event) => event.product_id !== null && event.event_type === 'page_view');
    const counts = [...Map.groupBy(views, ({ product_id }) => product_id).values()]
      .map((of) => of.length)
      .sort((a, b) => b - a);
    expect(counts[0]! / counts[9]!).toBeGreaterThan(5);
    const visits = Map.groupBy(sessions, ([event]) => event!.user_id);
    expect([...visits.values()].filter((of) => of.length > 1).length).toBeGreaterThan(20);
    const crawled = share(([event]) => event!.user_agent!.includes('bot'));
    expect(crawled).toBeGreaterThan(0.002);
    expect(crawled).toBeLessThan(0.02);
  });
});

describe('bursts of errors', () => {
  const bursts = errorBursts({ seed: 3, perDay: 6 }, monday);

  it('are the same for the same seed, minutes long and hours apart', () => {
    expect(errorBursts({ seed: 3, perDay: 6 }, monday)).toEqual(bursts);
    expect(errorBursts({ seed: 3, perDay: 6 }, monday + dayMs)).not.toEqual(bursts);
    bursts.forEach(({ fromMs, toMs }, index) => {
      expect(toMs - fromMs).toBeGreaterThanOrEqual(3 * minuteMs);
      expect(fromMs - (bursts[index - 1]?.toMs ?? monday)).toBeGreaterThan(30 * minuteMs);
      expect(toMs).toBeLessThan(monday + dayMs);
    });
  });

  it('add errors to the events and change nothing else', () => {
    const burst = { fromMs: monday + 12 * 3_600_000, toMs: monday + 13 * 3_600_000, area: null, share: 0.5 };
    const failing = day({ seed: 1, eventsPerSecond: 0.5, bursts: () => [burst] });
    const isError = ({ event_type }: UserClickstream) => event_type === 'error';
    const plain = (of: readonly UserClickstream[]) => of.filter((event) => !isError(event));
    expect(isSame(plain(failing), plain(events))).toBe(true);
    const during = (of: readonly UserClickstream[]) =>
      of.filter(
        (event) => isError(event) && event.event_time >= burst.fromMs && event.event_time < burst.toMs,
      );
    expect(during(failing).length).toBeGreaterThan(20 * during(events).length);
    expect(failing.filter(isError).length - during(failing).length).toBe(
      events.filter(isError).length - during(events).length,
    );
  });
});
