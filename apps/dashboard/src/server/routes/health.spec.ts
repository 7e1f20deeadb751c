import { describe, expect, it } from '@jest/globals';
import { healthOf } from './health.ts';

describe('healthOf', () => {
  it('is starting until everything answered once, then ok, then degraded while something does not', () => {
    const state = { kafka: false, store: false };
    const check = (name: keyof typeof state) => ({
      name,
      status: () => ({ ok: state[name], detail: `${name} detail` }),
    });
    const health = healthOf([check('kafka'), check('store')], '1.2.3');
    expect(health()).toMatchObject({ status: 'starting', version: '1.2.3' });
    state.kafka = true;
    expect(health().status).toBe('starting');
    state.store = true;
    expect(health().status).toBe('ok');
    state.kafka = false;
    expect(health().status).toBe('degraded');
    expect(health().checks[0]).toEqual({ name: 'kafka', ok: false, detail: 'kafka detail' });
    state.kafka = true;
    expect(health().status).toBe('ok');
  });
});
