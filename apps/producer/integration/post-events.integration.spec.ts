import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { UserClickstream } from '@millrace/schemas';
import { MAX_EVENTS } from '../src/http/post-events.ts';
import { MAX_BODY_BYTES } from '../src/http/serve-events.ts';
import type { RunningProducer } from '../src/run.ts';
import { startWorld, type World } from './producer-world.ts';
import { topicMessages, topicValues } from './topic-values.ts';

let world: World;
let producer: RunningProducer;

beforeAll(async () => {
  world = await startWorld();
  producer = await world.produce({ EVENTS_PER_SECOND: '100000' });
});
afterAll(async () => {
  await producer.stop();
  await world.stop();
});

const click = (of: Record<string, unknown> = {}) => ({
  ...{
    event_id: randomUUID(),
    event_time: Date.now(),
    event_type: 'page_view',
    user_id: 'u',
    session_id: 's',
  },
  ...{ page: '/', device: 'desktop', ...of },
});

async function post(
  body: unknown,
  {
    path = 'user_clickstream',
    url = producer.url,
    type = 'application/json',
    headers = {} as Record<string, string>,
  } = {},
) {
  const response = await fetch(`${url}/events/${path}`, {
    method: 'POST',
    headers: { 'content-type': type, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const answer = (await response.json()) as {
    offsets: ({ topic: string; partition: number; offset: number } | null)[];
    errors: { index: number; name: string; rule: string; detail: string }[];
    detail: string;
  };
  return { status: response.status, headers: response.headers, ...answer };
}
const stored = () => topicValues<UserClickstream>(world.kafka, 'user_clickstream', world.registryUrl);
const storedIds = async () => (await stored()).map(({ event_id }) => event_id);

describe('POST /events/:topic', () => {
  it('answers 202 with the place of each event when they are committed', async () => {
    const events = Array.from({ length: 50 }, (_, index) => click({ user_id: `user-${index % 7}` }));
    const { status, offsets } = await post(events);
    expect(status).toBe(202);
    expect(new Set(offsets.map((place) => `${place?.partition}/${place?.offset}`)).size).toBe(50);
    const one = await post(click({ user_id: 'user-0' }));
    expect(one.offsets).toEqual([
      { topic: 'user_clickstream', partition: offsets[0]?.partition, offset: expect.any(Number) },
    ]);
    expect(await storedIds()).toEqual(expect.arrayContaining(events.map(({ event_id }) => event_id)));
  });

  it('hands the trace context of the request on in the headers of its events, unless it is none', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await post([click(), click()], { headers: { traceparent, tracestate: 'vendor=1' } });
    await post(click(), { headers: { traceparent: 'nonsense' } });
    const traced = (await topicMessages(world.kafka, 'user_clickstream')).filter(
      ({ headers }) => headers['traceparent'] !== undefined,
    );
    expect(traced.map(({ headers }) => headers)).toEqual(
      Array.from({ length: 2 }, () => ({ traceparent, tracestate: 'vendor=1' })),
    );
  });

  it('fills in what the schema has a default for', async () => {
    const event = click();
    await post(event);
    expect((await stored()).find(({ event_id }) => event_id === event.event_id)).toEqual({
      ...event,
      ...{ product_id: null, category: null, price: null, quantity: null, order_id: null, referrer: null },
      ...{ load_ms: null, error_code: null, country: null, user_agent: null, simulated: false },
    });
  });

  it('takes an event once however often and however parallel it is sent, and answers the same', async () => {
    const event = click();
    const answers = await Promise.all([post(event), post([event, event]), post(event)]);
    const places = answers.flatMap(({ offsets }) => offsets);
    expect(new Set(places.map((place) => JSON.stringify(place))).size).toBe(1);
    expect((await post(event)).offsets[0]).toEqual(places[0]);
    expect((await storedIds()).filter((id) => id === event.event_id)).toHaveLength(1);
  });

  it.each([
    ['a field of the wrong type', { device: 7 }, 'device', 'type'],
    ['an unknown field', { colour: 'red' }, 'colour', 'unknown'],
    ['no event time', { event_time: undefined }, 'event_time', 'missing'],
    ['a clock a year ahead', { event_time: Date.now() + 365 * 86_400_000 }, 'event_time', 'future'],
  ])(
    'refuses %s with field, rule and fix, and takes nothing of the request',
    async (_what, fault, name, rule) => {
      const good = click();
      const { status, errors, headers } = await post([good, click(fault)]);
      expect(status).toBe(400);
      expect(headers.get('content-type')).toContain('application/problem+json');
      expect(errors).toEqual([
        {
          index: 1,
          name: expect.stringContaining(name),
          rule: expect.stringContaining(rule),
          detail: expect.any(String),
        },
      ]);
      expect(await storedIds()).not.toContain(good.event_id);
    },
  );

  it('takes the good ones with ?partial=true and sets the others aside with the reason', async () => {
    const good = click();
    const bad = click({ event_time: Date.now() + 365 * 86_400_000 });
    const { status, offsets } = await post([bad, good, 7], {
      path: 'user_clickstream?partial=true',
      type: 'text/plain',
    });
    expect([status, offsets]).toEqual([
      202,
      [null, expect.objectContaining({ offset: expect.any(Number) }), null],
    ]);
    expect(await storedIds()).toContain(good.event_id);
    const letters = await topicMessages(world.kafka, 'clickstream.dead-letter');
    expect(letters.map(({ headers }) => headers.reason)).toEqual([
      expect.stringContaining('rule "future"'),
      expect.stringContaining('JSON object'),
    ]);
    expect(JSON.parse(String(letters[0]?.value))).toEqual(bad);
  });

  it.each([
    ['broken JSON', '{"event_id":', 'user_clickstream', 400],
    ['a body without limit', 'x'.repeat(MAX_BODY_BYTES + 1), 'user_clickstream', 413],
    ['too many events', JSON.stringify(Array(MAX_EVENTS + 1).fill(1)), 'user_clickstream', 413],
    ['a prototype', '{"__proto__": {"x": 1}}', 'user_clickstream', 400],
    ['an unknown topic', '{}', 'nothing', 404],
  ])('refuses %s', async (_what, body, path, status) => {
    const answer = await post(body, { path });
    expect(answer.status).toBe(status);
    expect(answer.detail).toEqual(expect.any(String));
  });

  it('limits each client, and says when it may go on', async () => {
    const slow = await world.produce({ EVENTS_PER_SECOND: '1' });
    try {
      const statuses = [];
      for (let request = 0; request < 12; request++) statuses.push(await post(click(), { url: slow.url }));
      expect(statuses.slice(0, 10).map(({ status }) => status)).toEqual(Array(10).fill(202));
      const limited = statuses.find(({ status }) => status === 429);
      expect(Number(limited?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    } finally {
      await slow.stop();
    }
  });

  it('lets pages of other origins send', async () => {
    const answer = await fetch(`${producer.url}/events/user_clickstream`, { method: 'OPTIONS' });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
  });

  it('answers 503 and when to try again while the broker is away', async () => {
    const lonely = await startWorld();
    const away = await lonely.produce();
    try {
      await lonely.broker.stop();
      const { status, headers } = await post(click(), { url: away.url });
      expect([status, headers.get('retry-after')]).toEqual([503, '5']);
      expect((await fetch(`${away.url}/health`)).status).toBe(503);
    } finally {
      await away.stop();
      await lonely.stop();
    }
  });
});
