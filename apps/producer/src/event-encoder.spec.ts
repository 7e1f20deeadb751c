import { describe, expect, it } from '@jest/globals';
import { accessLogEvent, simulatedRequest, webLogs } from '@millrace/pipelines';
import type { Registry } from '@millrace/schemas';
import { createEventEncoder } from './event-encoder.ts';

/** Agrees to everything. */
const registry = { register: async () => 1 } as unknown as Registry;
const encoding = { sourceName: 'test', nowMs: 5 };
const value = accessLogEvent(simulatedRequest(1, 1, 1000), { text: '', simulated: true });
const encoder = () => createEventEncoder({ pipeline: webLogs, registry, autoRegister: true });

describe('createEventEncoder', () => {
  it('writes an event to the topic of its source, at its event time', async () => {
    const encode = await encoder();
    expect(encode({ source: 'logs', key: 'k', value }, encoding)).toMatchObject({
      topic: 'logs',
      key: 'k',
      timestampMs: 1000,
    });
  });

  it('makes a dead letter of what the schema refuses, with the field, the rule and what it was made from', async () => {
    const encode = await encoder();
    const refused = encode({ source: 'logs', key: 'k', value: { ...value, status: 'OK' } }, encoding);
    expect(refused).toMatchObject({ topic: 'web-logs.dead-letter', key: null, timestampMs: 5 });
    expect(refused.headers).toMatchObject({
      code: 'SCHEMAS_CONTRACT',
      reason: expect.stringContaining('status'),
    });
    expect(JSON.parse(String(refused.value))).toMatchObject({ status: 'OK' });
  });

  it('makes a dead letter of what a feed refuses', async () => {
    const encode = await encoder();
    const original = Buffer.from('?');
    expect(encode({ code: 'C', reason: 'r', original }, encoding)).toEqual({
      topic: 'web-logs.dead-letter',
      key: null,
      value: original,
      headers: { code: 'C', reason: 'r', source: 'test' },
      timestampMs: 5,
    });
  });
});
