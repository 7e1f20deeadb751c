import type { UserClickstream } from '@millrace/schemas';

const gapMs = 30 * 60_000;
const steps = ['view', 'cart', 'checkout', 'purchase'] as const;

/** A session as the view has it, but for the name of its shopper. */
export type Session = ReturnType<typeof sessionOf>;

/** Runs of a user's events with at most half an hour between neighbours. */
export function sessionsOf(events: readonly UserClickstream[]): Session[] {
  return [...Map.groupBy(events, ({ user_id }) => user_id).values()].flatMap((mine) => {
    const runs: UserClickstream[][] = [];
    for (const event of mine.toSorted((a, b) => a.event_time - b.event_time)) {
      const run = runs.at(-1);
      if (run !== undefined && event.event_time - run.at(-1)!.event_time <= gapMs) run.push(event);
      else runs.push([event]);
    }
    return runs.map(sessionOf);
  });
}

function sessionOf(events: readonly UserClickstream[]) {
  const [opening, closing] = [events[0]!, events.at(-1)!];
  const views = events.filter(({ event_type }) => event_type === 'page_view').length;
  const durationMs = closing.event_time - opening.event_time;
  const saysBot = events.some(({ user_agent }) => user_agent!.includes('bot'));
  return {
    user_id: opening.user_id,
    windowStart: opening.event_time,
    windowEnd: closing.event_time + gapMs,
    device: opening.device,
    country: opening.country,
    referrer: events.find(({ referrer }) => referrer !== null)?.referrer ?? null,
    landing: opening.page,
    leaving: closing.page,
    events: events.length,
    page_views: views,
    depth: new Set(events.map(({ page }) => page)).size,
    first_ms: opening.event_time,
    last_ms: closing.event_time,
    way: wayOf(events),
    sale: saleOf(events),
    revenue: events.reduce(
      (sum, { event_type, price, quantity }) => sum + (event_type === 'purchase' ? price! * quantity! : 0),
      0,
    ),
    errors: events.filter(({ event_type }) => event_type === 'error').length,
    bot_agent: saysBot ? 1 : 0,
    duration_ms: durationMs,
    bounced: views <= 1 ? 1 : 0,
    bot: saysBot ? 'says so' : views >= 20 && durationMs / views < 2_000 ? 'by its pace' : 'no',
  };
}

/** The areas of its pages, repetitions in a row as one; the view stops after twenty. */
function wayOf(events: readonly UserClickstream[]): string[] {
  const areas = events.map(({ page }) => (page === '/' ? 'home' : page.split('/')[1]!));
  return areas.filter((area, at) => area !== areas[at - 1]).slice(0, 20);
}

/** How many of the steps came in their order; the time from the first to the last of them, by the run that was quickest. */
function saleOf(events: readonly UserClickstream[]) {
  const taken = events.flatMap(({ event_type, product_id, event_time }) => {
    const step = event_type === 'page_view' && product_id !== null ? 0 : typeToStep[event_type];
    return step === undefined ? [] : [{ step, event_time }];
  });
  let reached = 0;
  let tookMs: number | null = null;
  for (const [from, first] of taken.entries()) {
    if (first.step !== 0) continue;
    // A run that begins here takes the next step as early as it comes.
    let step = 0;
    let lastMs = first.event_time;
    for (const { step: next, event_time } of taken.slice(from + 1))
      if (next === step + 1) [step, lastMs] = [next, event_time];
    const runMs = lastMs - first.event_time;
    if (step + 1 > reached || (step + 1 === reached && runMs < tookMs!)) [reached, tookMs] = [step + 1, runMs];
  }
  return { reached, converted: reached === steps.length, tookMs };
}

const typeToStep: Readonly<Record<string, number>> = { add_to_cart: 1, checkout: 2, purchase: 3 };
