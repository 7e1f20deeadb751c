import type { UserClickstream } from '@millrace/schemas';
import { pseudonymOf, type Row } from '@millrace/streams';
import type { GoldenEvent } from '../../golden-event.ts';
import { sessionsOf, type Session } from './sessions.ts';
import { spikesOf } from './spikes.ts';

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;
const hourMs = 60 * minuteMs;

/**
 * The final rows of every view, computed plainly. Left out: quantiles of events and top lists, which are sketches, and what is
 * made of them.
 */
export function batch(events: readonly GoldenEvent[]): Record<string, Row[]> {
  const all = events.map(({ value }) => value as unknown as UserClickstream);
  const people = all.filter(({ user_agent }) => !/bot/i.test(user_agent ?? ''));
  const sessions = sessionsOf(all);
  const visits = sessions.filter(({ bot }) => bot === 'no');
  const ended = ({ windowEnd }: Session) => windowEnd - 1;
  const at = ({ event_time }: UserClickstream) => event_time;
  const minutes = tumble(people, minuteMs, at);
  return {
    shop_traffic: minutes.map(([window, of]) => ({
      ...window,
      events: of.length,
      page_views: ofType(of, 'page_view').length,
      active_users: new Set(of.map(({ user_id }) => user_id)).size,
      active_sessions: new Set(of.map(({ session_id }) => session_id)).size,
      orders: new Set(ofType(of, 'purchase').map(({ order_id }) => order_id)).size,
      revenue: revenueOf(of),
      errors: ofType(of, 'error').length,
      simulated_events: of.length,
    })),
    page_views_per_minute: grouped(ofType(people, 'page_view'), 'page', (of) =>
      tumble(of, minuteMs, at).map(([window, views]) => ({
        ...window,
        views: views.length,
        visitors: new Set(views.map(({ user_id }) => user_id)).size,
      })),
    ),
    popular_products: grouped(
      people.filter(({ product_id }) => product_id !== null),
      'product_id',
      (of) =>
        tumble(of, quarterMs, at).map(([window, seen]) => ({
          ...window,
          category: seen[0]!.category,
          views: ofType(seen, 'page_view').length,
          carts: ofType(seen, 'add_to_cart').length,
          sold: ofType(seen, 'purchase').reduce((sum, { quantity }) => sum + quantity!, 0),
          revenue: revenueOf(seen),
        })),
    ),
    shopping_sessions: sessions.map(({ user_id, ...session }) => ({
      shopper: pseudonymOf(user_id),
      ...session,
    })),
    visits: tumble(visits, quarterMs, ended).map(([window, of]) => {
      const bounces = of.filter(({ page_views }) => page_views <= 1).length;
      return {
        ...window,
        sessions: of.length,
        bounces,
        mean_depth: sumOf(of, 'depth') / of.length,
        revenue: sumOf(of, 'revenue'),
        bounce_rate: bounces / of.length,
      };
    }),
    shopping_funnel: tumble(visits, quarterMs, ended).map(([window, of]) => {
      const [viewed, carted, checkedOut, purchased] = [1, 2, 3, 4].map((step) => reached(of, step));
      return {
        ...window,
        sessions: of.length,
        viewed,
        put_into_cart: carted,
        checked_out: checkedOut,
        purchased,
        conversion: purchased! / of.length,
        cart_abandonment: carted === 0 ? null : (carted! - purchased!) / carted!,
      };
    }),
    shopping_paths: grouped(
      visits.map((visit) => ({ ...visit, way_text: visit.way.slice(0, 5).join(' → ') })),
      'way_text',
      (of) =>
        tumble(of, quarterMs, ended).map(([window, taken]) => ({
          ...window,
          sessions: taken.length,
          purchased: reached(taken, 4),
          revenue: sumOf(taken, 'revenue'),
        })),
    ),
    shopper_engagement: grouped(
      visits.map((visit) => ({ ...visit, shopper: pseudonymOf(visit.user_id) })),
      'shopper',
      (of) =>
        tumble(of, hourMs, ended).map(([window, mine]) => ({
          ...window,
          sessions: mine.length,
          events: sumOf(mine, 'events'),
          page_views: sumOf(mine, 'page_views'),
          depth: Math.max(...mine.map(({ depth }) => depth)),
          dwell_ms: sumOf(mine, 'duration_ms'),
          revenue: sumOf(mine, 'revenue'),
        })),
    ),
    crawlers: grouped(
      sessions.filter(({ bot }) => bot !== 'no'),
      'bot',
      (of) =>
        tumble(of, quarterMs, ended).map(([window, some]) => ({
          ...window,
          sessions: some.length,
          events: sumOf(some, 'events'),
        })),
    ),
    errors_per_minute: minutes.map(([window, of]) => ({
      ...window,
      page_views: ofType(of, 'page_view').length,
      errors: ofType(of, 'error').length,
      error_rate: ratio(ofType(of, 'error').length, ofType(of, 'page_view').length),
    })),
    error_spikes: spikesOf(
      minutes.map(([{ windowEnd }, of]) => ({
        windowEnd,
        errors: ofType(of, 'error').length,
        pageViews: ofType(of, 'page_view').length,
      })),
    ),
  };
}

const ofType = (events: readonly UserClickstream[], type: string) =>
  events.filter(({ event_type }) => event_type === type);

const revenueOf = (events: readonly UserClickstream[]) =>
  ofType(events, 'purchase').reduce((sum, { price, quantity }) => sum + price! * quantity!, 0);

const ratio = (part: number, whole: number) => (whole === 0 ? null : part / whole);

const reached = (sessions: readonly Session[], step: number) =>
  sessions.filter(({ sale }) => sale.reached >= step).length;

function sumOf<Name extends string>(rows: readonly Record<Name, number>[], name: Name): number {
  return rows.reduce((sum, row) => sum + row[name], 0);
}

interface Window {
  readonly windowStart: number;
  readonly windowEnd: number;
}

function tumble<T>(items: readonly T[], sizeMs: number, timeOf: (item: T) => number): [Window, T[]][] {
  const groups = Map.groupBy(items, (item) => Math.floor(timeOf(item) / sizeMs) * sizeMs);
  return [...groups].map(([windowStart, of]) => [{ windowStart, windowEnd: windowStart + sizeMs }, of]);
}

function grouped<T, Name extends keyof T & string>(
  items: readonly T[],
  by: Name,
  rowsOf: (items: T[]) => Row[],
): Row[] {
  return [...Map.groupBy(items, (item) => item[by])].flatMap(([value, of]) =>
    rowsOf(of).map((row) => ({ [by]: value, ...row })),
  );
}
