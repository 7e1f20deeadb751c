import { describe, expect, it } from '@jest/globals';
import type { Registry } from '@millrace/schemas';
import { createEventEncoder } from '../event-encoder.ts';
import { clickstream } from './clickstream.ts';
import type { FeedEvent } from './feed.ts';

/** Agrees to everything. */
const registry = { register: async () => 1 } as unknown as Registry;
const encoding = { sourceName: 'test', nowMs: 5 };
const encoder = () => createEventEncoder({ pipeline: clickstream.pipeline, registry, autoRegister: true });

/** What the simulated shoppers do at first. */
async function firstEvents(): Promise<FeedEvent[]> {
  const [source] = clickstream.sources(clickstream.settings({}, {}), () => undefined);
  const stop = new AbortController();
  for await (const { items } of source!.open(undefined, stop.signal)) {
    stop.abort();
    return items as FeedEvent[];
  }
  throw new Error('the shoppers do nothing');
}

describe('the feed of clickstream', () => {
  it('sends what shoppers do, partitioned by shopper, under the schema', async () => {
    const encode = await encoder();
    for (const item of await firstEvents()) {
      const { user_id, event_time, simulated } = item.value as Record<string, unknown>;
      expect({ key: item.key, simulated }).toEqual({ key: user_id, simulated: true });
      expect(encode(item, encoding)).toMatchObject({ topic: 'user_clickstream', timestampMs: event_time });
    }
  });

  it('simulates nobody where the rate is 0, and names a variable that is off', () => {
    const settings = clickstream.settings({ CLICKSTREAM_EVENTS_PER_SECOND: '0' }, {});
    expect(clickstream.sources(settings, () => undefined)).toEqual([]);
    expect(() => clickstream.settings({ CLICKSTREAM_ERROR_BURSTS_PER_DAY: 'many' }, {})).toThrow(
      /CLICKSTREAM_ERROR_BURSTS_PER_DAY/,
    );
  });

  it.each([
    ['price', 'cheap'],
    ['event_time', 'noon'],
    ['quantity', 1.5],
    ['user_id', null],
  ])('makes a dead letter of an event with a wrong %s, which names it', async (field, wrong) => {
    const encode = await encoder();
    const [item] = await firstEvents();
    const refused = encode({ ...item!, value: { ...item!.value, [field]: wrong } }, encoding);
    expect(refused).toMatchObject({ topic: 'clickstream.dead-letter', key: null, timestampMs: 5 });
    expect(refused.headers).toMatchObject({ reason: expect.stringContaining(field) });
    expect(JSON.parse(String(refused.value))).toMatchObject({ [field]: wrong });
  });
});
