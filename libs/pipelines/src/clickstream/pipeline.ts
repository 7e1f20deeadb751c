import { UserClickstreamSchema } from '@millrace/schemas';
import {
  and,
  coalesce,
  concat,
  definePipeline,
  divide,
  eq,
  field,
  gte,
  isNull,
  lt,
  lte,
  mask,
  neq,
  not,
  round,
  subtract,
  toText,
  when,
} from '@millrace/streams';
import { answer, bars, findings, steps, table, timeSeries } from '@millrace/views';
import {
  count,
  distinct,
  first,
  funnel,
  hopping,
  last,
  max,
  mean,
  min,
  path,
  quantile,
  robustScore,
  session,
  sum,
  topK,
  tumbling,
} from '@millrace/windowing';
import * as derived from './derived-fields.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The usual end of a visit in web analytics. */
const SESSION_GAP_MS = 30 * MINUTE_MS;
/** A crawler that does not say so opens at least this many pages, … */
const CRAWLER_PAGES = 20;
/** … one after the other within this. */
const CRAWLER_PACE_MS = 2_000;

/** A spike of errors is a minute this many robust standard deviations above the median of the last hour, … */
const SPIKE_DEVIATION = 6;
/** … with at least this many errors, … */
const SPIKE_ERRORS = 5;
/** … once there are this many minutes to compare it with. */
const SPIKE_MINUTES = 15;

const everyMinute = tumbling({ sizeMs: MINUTE_MS });
const everyQuarter = tumbling({ sizeMs: 15 * MINUTE_MS });
const retentionMs = 30 * 24 * HOUR_MS;
const sinks = ['serving', 'live', 'history'];
/** Views of events: what a browser sends late, after a lost connection say, still counts where it belongs. */
const ofEvents = { from: 'clicks', graceMs: MINUTE_MS, retentionMs, emit: 'onUpdate', sinks } as const;
/** Views of the final results of sessions, which come on time. */
const ofSessions = { from: 'shopping_sessions', retentionMs, emit: 'onUpdate', sinks } as const;

/** Whether the sale of a session came to its step number `step`. */
const reached = (step: number) => when(gte(field('sale.reached'), step), 1, 0);
/** Where most minutes have the same number of errors there is no deviation to measure by: then each error more counts as one. */
const spikeDeviation = coalesce(field('robust_score'), subtract(field('errors'), field('usual_errors')));
const spikeReason = concat(
  field('errors'),
  ' errors in a minute instead of ',
  round(field('usual_errors')),
  ', most on ',
  field('failed_areas.0.value'),
  ', code ',
  field('codes.0.value'),
);

/** Live analytics of a web shop: page views, shoppers, sessions, ways, sales, products, crawlers and spikes of errors. */
export const clickstream = definePipeline({
  name: 'clickstream',
  description: 'Clickstream',
  sources: {
    clicks: {
      topic: 'user_clickstream',
      schema: UserClickstreamSchema,
      eventTime: 'event_time',
      outOfOrderMs: 5_000,
      /** Longer than a busy machine leaves a partition waiting while it catches up. */
      idleAfterMs: 30_000,
      maxFutureMs: 60_000,
      partitionedBy: ['user_id'],
    },
  },
  views: {
    shop_traffic: {
      ...ofEvents,
      description: 'The whole shop, every minute',
      derive: {
        viewed: derived.viewed,
        failed: derived.failed,
        earned: derived.revenue,
        generated: derived.simulated,
      },
      where: derived.byPeople,
      window: everyMinute,
      select: {
        events: count(),
        page_views: sum('viewed'),
        active_users: distinct('user_id'),
        active_sessions: distinct('session_id'),
        orders: distinct('order_id'),
        revenue: sum('earned'),
        errors: sum('failed'),
        p50_load_ms: quantile('load_ms', 0.5),
        p95_load_ms: quantile('load_ms', 0.95),
        simulated_events: sum('generated'),
      },
      units: { revenue: 'EUR' },
      panels: [
        answer({
          overMs: 5 * MINUTE_MS,
          parts: [
            { y: 'events', words: 'events' },
            { y: 'active_users', combine: 'max', words: 'people active in a minute' },
            { y: 'orders', words: 'orders' },
            { y: 'errors', of: 'page_views', unit: 'ratio', words: 'failed pages' },
          ],
          simulated: 'simulated_events',
        }),
        timeSeries({ title: 'Active users a minute', y: 'active_users' }),
        timeSeries({ title: 'Revenue', y: 'revenue', shape: 'bars' }),
        timeSeries({ title: 'Page load', y: ['p50_load_ms', 'p95_load_ms'] }),
      ],
    },
    errors_per_minute: {
      ...ofEvents,
      description: 'Errors of the whole shop, every minute',
      /** Shorter than elsewhere: an alarm waits for it. */
      graceMs: 15_000,
      derive: { viewed: derived.viewed, failed: derived.failed, failed_area: derived.failedArea },
      where: derived.byPeople,
      window: everyMinute,
      select: {
        page_views: sum('viewed'),
        errors: sum('failed'),
        failed_areas: topK('failed_area', 3),
        codes: topK('error_code', 3),
      },
      compute: { error_rate: divide(field('errors'), field('page_views')) },
      units: { error_rate: 'ratio' },
      panels: [timeSeries({ title: 'Errors', y: 'errors', shape: 'bars' })],
    },
    error_spikes: {
      from: 'errors_per_minute',
      retentionMs,
      sinks,
      description: 'Minutes with far more errors than the hour before them',
      window: hopping({ sizeMs: HOUR_MS, advanceMs: MINUTE_MS }),
      select: {
        minutes: count(),
        minute_end: max('windowEnd'),
        errors: last('errors'),
        error_rate: last('error_rate'),
        usual_errors: quantile('errors', 0.5),
        robust_score: robustScore('errors'),
        failed_areas: last('failed_areas'),
        codes: last('codes'),
      },
      compute: {
        deviation: spikeDeviation,
        score: round(divide(field('deviation'), SPIKE_DEVIATION), 1),
        area: toText(field('failed_areas.0.value')),
        reason: spikeReason,
      },
      having: and(
        // The newest minute of the hour is there: a minute without events is no news.
        eq(field('minute_end'), field('windowEnd')),
        gte(field('minutes'), SPIKE_MINUTES),
        gte(field('errors'), SPIKE_ERRORS),
        gte(field('deviation'), SPIKE_DEVIATION),
      ),
      units: { error_rate: 'ratio' },
      panels: [findings({ title: 'Spikes of errors', subject: 'area', at: 'minute_end' })],
    },
    page_views_per_minute: {
      ...ofEvents,
      description: 'Page views by page, every minute',
      where: and(eq(field('event_type'), 'page_view'), derived.byPeople),
      by: ['page'],
      window: everyMinute,
      select: { views: count(), visitors: distinct('user_id'), p95_load_ms: quantile('load_ms', 0.95) },
      panels: [
        timeSeries({ title: 'Page views', y: 'views', series: 'page', top: 6 }),
        bars({ title: 'Most viewed pages', y: 'views', by: 'page', top: 10 }),
      ],
    },
    popular_products: {
      ...ofEvents,
      description: 'What is looked at, put into carts and bought, every quarter of an hour',
      derive: {
        viewed: derived.viewed,
        carted: derived.carted,
        sold: derived.sold,
        earned: derived.revenue,
      },
      where: and(not(isNull(field('product_id'))), derived.byPeople),
      by: ['product_id'],
      window: everyQuarter,
      select: {
        category: first('category'),
        views: sum('viewed'),
        carts: sum('carted'),
        sold: sum('sold'),
        revenue: sum('earned'),
      },
      units: { revenue: 'EUR' },
      panels: [
        bars({ title: 'Popular products: views', y: 'views', by: 'product_id', top: 10 }),
        bars({ title: 'Best sellers: revenue', y: 'revenue', by: 'product_id', top: 10 }),
      ],
    },
    shopping_sessions: {
      ...ofEvents,
      description: 'Visits of one shopper, over after 30 minutes without an event',
      derive: {
        shopper: mask(field('user_id')),
        area: derived.area,
        viewed: derived.viewed,
        failed: derived.failed,
        earned: derived.revenue,
        step: derived.saleStep,
        bot_agent: derived.botAgent,
      },
      by: ['shopper'],
      window: session({ gapMs: SESSION_GAP_MS }),
      select: {
        device: first('device'),
        country: first('country'),
        referrer: first('referrer'),
        landing: first('page'),
        leaving: last('page'),
        events: count(),
        page_views: sum('viewed'),
        depth: distinct('page'),
        first_ms: min('event_time'),
        last_ms: max('event_time'),
        way: path('area', { limit: 20 }),
        sale: funnel('step', derived.saleSteps),
        revenue: sum('earned'),
        errors: sum('failed'),
        bot_agent: max('bot_agent'),
      },
      compute: {
        duration_ms: subtract(field('last_ms'), field('first_ms')),
        bounced: when(lte(field('page_views'), 1), 1, 0),
        bot: when(
          eq(field('bot_agent'), 1),
          'says so',
          and(
            gte(field('page_views'), CRAWLER_PAGES),
            lt(divide(subtract(field('last_ms'), field('first_ms')), field('page_views')), CRAWLER_PACE_MS),
          ),
          'by its pace',
          'no',
        ),
      },
      units: { duration_ms: 'ms', revenue: 'EUR' },
      panels: [
        table({
          title: 'Sessions',
          columns: ['device', 'country', 'landing', 'events', 'depth', 'duration_ms', 'revenue', 'bot'],
          limit: 100,
        }),
      ],
    },
    visits: {
      ...ofSessions,
      description:
        'Sessions of people that are over, every quarter of an hour; a session counts when its gap has passed',
      where: eq(field('bot'), 'no'),
      window: everyQuarter,
      select: {
        sessions: count(),
        bounces: sum('bounced'),
        p50_duration_ms: quantile('duration_ms', 0.5),
        p90_duration_ms: quantile('duration_ms', 0.9),
        mean_depth: mean('depth'),
        revenue: sum('revenue'),
      },
      compute: { bounce_rate: divide(field('bounces'), field('sessions')) },
      units: { bounce_rate: 'ratio', revenue: 'EUR', p50_duration_ms: 'ms', p90_duration_ms: 'ms' },
      panels: [
        timeSeries({ title: 'Sessions that ended', y: 'sessions', shape: 'bars' }),
        timeSeries({ title: 'Bounce rate', y: 'bounce_rate' }),
        timeSeries({ title: 'Duration of sessions', y: ['p50_duration_ms', 'p90_duration_ms'] }),
      ],
    },
    shopping_funnel: {
      ...ofSessions,
      description: 'How far the sessions of people came in this order: view, cart, checkout, purchase',
      derive: {
        viewed: reached(1),
        put_into_cart: reached(2),
        checked_out: reached(3),
        purchased: reached(4),
      },
      where: eq(field('bot'), 'no'),
      window: everyQuarter,
      select: {
        sessions: count(),
        viewed: sum('viewed'),
        put_into_cart: sum('put_into_cart'),
        checked_out: sum('checked_out'),
        purchased: sum('purchased'),
      },
      compute: {
        conversion: divide(field('purchased'), field('sessions')),
        cart_abandonment: divide(
          subtract(field('put_into_cart'), field('purchased')),
          field('put_into_cart'),
        ),
      },
      units: { conversion: 'ratio', cart_abandonment: 'ratio' },
      panels: [
        steps({
          title: 'From view to purchase',
          y: ['sessions', 'viewed', 'put_into_cart', 'checked_out', 'purchased'],
        }),
        timeSeries({ title: 'Conversion', y: ['conversion'] }),
        timeSeries({ title: 'Abandoned carts', y: ['cart_abandonment'] }),
      ],
    },
    shopping_paths: {
      ...ofSessions,
      description: 'The ways through the shop, by its areas, every quarter of an hour',
      derive: { way_text: derived.wayText, purchased: reached(4) },
      where: eq(field('bot'), 'no'),
      by: ['way_text'],
      window: everyQuarter,
      select: { sessions: count(), purchased: sum('purchased'), revenue: sum('revenue') },
      units: { revenue: 'EUR' },
      panels: [bars({ title: 'Ways through the shop', y: 'sessions', by: 'way_text', top: 10 })],
    },
    shopper_engagement: {
      ...ofSessions,
      description: 'What each shopper did in the sessions that ended, every hour; shoppers are pseudonyms',
      where: eq(field('bot'), 'no'),
      by: ['shopper'],
      window: tumbling({ sizeMs: HOUR_MS }),
      select: {
        sessions: count(),
        events: sum('events'),
        page_views: sum('page_views'),
        depth: max('depth'),
        dwell_ms: sum('duration_ms'),
        revenue: sum('revenue'),
      },
      units: { dwell_ms: 'ms', revenue: 'EUR' },
      panels: [bars({ title: 'Most engaged shoppers: dwell time', y: 'dwell_ms', by: 'shopper', top: 10 })],
    },
    crawlers: {
      ...ofSessions,
      description: 'Sessions that no person had, by how they were known',
      where: neq(field('bot'), 'no'),
      by: ['bot'],
      window: everyQuarter,
      select: { sessions: count(), events: sum('events') },
      panels: [timeSeries({ title: 'Events of crawlers', y: 'events', series: 'bot', shape: 'bars' })],
    },
  },
});
