import { describe, expect, it } from '@jest/globals';
import { userActivity as pipeline } from '@millrace/pipelines';
import type { Registry } from '@millrace/schemas';
import { createEventEncoder } from '../event-encoder.ts';
import type { FeedEvent } from './feed.ts';
import { userActivity } from './user-activity.ts';

/** Agrees to everything. */
const registry = { register: async () => 1 } as unknown as Registry;
const encoding = { sourceName: 'test', nowMs: 5 };

/** The first batch of the feed from a position on. */
async function firstBatch(env: NodeJS.ProcessEnv = {}) {
  const [source] = userActivity.sources(
    userActivity.settings({ USER_ACTIVITY_VISITS_PER_HOUR: '3600', ...env }, {}),
    () => undefined,
  );
  const stop = new AbortController();
  for await (const batch of source!.open({ untilMs: Date.now() - 20_000 }, stop.signal)) {
    stop.abort();
    return batch;
  }
  throw new Error('the source ended');
}

describe('the feed of user-activity', () => {
  it('gives events of all three topics in one batch, keyed by the person, and a position behind them', async () => {
    const { items, position } = await firstBatch();
    const events = items as FeedEvent[];
    expect(new Set(events.map(({ source }) => source))).toEqual(new Set(Object.keys(pipeline.sources)));
    for (const { key, value } of events) {
      const { user_id, event_time } = value as { user_id: string | null; event_time: number };
      expect(key).toBe(user_id);
      expect(event_time).toBeLessThan(Number(position['untilMs']));
    }
  });

  it('writes each of them under its schema', async () => {
    const encode = await createEventEncoder({ pipeline, registry, autoRegister: true });
    const { items } = await firstBatch();
    const topics = items.map((item) => encode(item, encoding).topic);
    expect(topics).not.toContain('user-activity.dead-letter');
    expect(new Set(topics).size).toBe(3);
  });

  it.each([
    ['a field that the schema does not know', { role: 'admin' }, 'role'],
    ['text for a truth value', { success: 'yes' }, 'success'],
    ['no name', { username: null }, 'username'],
    ['a time that is no number', { event_time: 'yesterday' }, 'event_time'],
    ['a time with a fraction', { event_time: 1.5 }, 'event_time'],
  ])('makes a dead letter, with the field and the rule, of %s', async (_what, broken, named) => {
    const encode = await createEventEncoder({ pipeline, registry, autoRegister: true });
    const { items } = await firstBatch();
    const event = (items as FeedEvent[]).find(({ source }) => source === 'auth')!;
    const refused = encode({ ...event, value: { ...event.value, ...broken } }, encoding);
    expect(refused.topic).toBe('user-activity.dead-letter');
    expect(refused.headers).toMatchObject({
      code: 'SCHEMAS_CONTRACT',
      reason: expect.stringContaining(named),
    });
    expect(JSON.parse(String(refused.value))).toMatchObject(broken);
  });

  it('is switched off by a rate of 0', () => {
    const settings = userActivity.settings({ USER_ACTIVITY_VISITS_PER_HOUR: '0' }, {});
    expect(userActivity.sources(settings, () => undefined)).toEqual([]);
  });
});
