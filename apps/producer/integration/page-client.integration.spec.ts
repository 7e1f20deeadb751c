import { afterEach, describe, expect, it } from '@jest/globals';
import { MAX_PAGE_BYTES, PageClient } from '../src/people/page-client.ts';
import { type Answer, sendJson, sendStatus, startPeopleApi } from './people-api.ts';

let api: Awaited<ReturnType<typeof startPeopleApi>> | undefined;
afterEach(() => api?.stop());

const good: Answer = (_request, response) => sendJson(response, { results: [{ a: 1 }], info: {} });

/** Asks for a page of an API that gives these answers, then good ones; pauses are noted instead of made. */
async function ask(answers: readonly Answer[], timeoutMs = 5_000) {
  const left = [...answers];
  const pausesMs: number[] = [];
  api = await startPeopleApi((request, response) => (left.shift() ?? good)(request, response));
  const client = new PageClient({
    url: api.url,
    pageSize: 10,
    requestsPerSecond: 1_000_000,
    timeoutMs,
    random: () => 1,
    wait: async (ms) => void pausesMs.push(ms),
    now: () => Date.UTC(2026, 0, 1),
  });
  const outcome = await client.page(1, new AbortController().signal).catch((error: Error) => error);
  return { outcome, pauses: pausesMs.filter((ms) => ms > 1), requests: api.asked.length };
}
const status =
  (code: number, headers?: Record<string, string>): Answer =>
  (_request, response) =>
    sendStatus(response, code, headers);

describe('a people API that', () => {
  it('answers 500 is asked again after pauses that double', async () => {
    const { outcome, pauses, requests } = await ask([status(500), status(502), status(503)]);
    expect(outcome).toEqual({ profiles: [{ a: 1 }], simulated: false });
    expect([pauses, requests]).toEqual([[1000, 2000, 4000], 4]);
  });

  it('answers 429 is left alone as long as it says, in seconds or until a date', async () => {
    const { pauses } = await ask([
      status(429, { 'retry-after': '7' }),
      status(429, { 'retry-after': new Date(Date.UTC(2026, 0, 1, 0, 1)).toUTCString() }),
    ]);
    expect(pauses).toEqual([7_000, 60_000]);
  });

  it('asks for an hour of quiet fails the run', async () => {
    const { outcome, requests } = await ask([status(429, { 'retry-after': '3600' })]);
    expect([(outcome as Error).message, requests]).toEqual([expect.stringContaining('answered 429'), 1]);
  });

  it('answers 404 is not asked again', async () => {
    const { outcome, requests } = await ask([status(404)]);
    expect([(outcome as Error).message, requests]).toEqual([expect.stringContaining('answered 404'), 1]);
  });

  it('does not answer, hangs up, or sends garbage is asked again', async () => {
    const silent: Answer = () => undefined;
    const hangUp: Answer = (_request, response) => response.destroy();
    const half: Answer = (_request, response) => response.end('{"results": [');
    const page: Answer = (_request, response) => response.end('<html>');
    const { outcome, requests } = await ask([silent, hangUp, half, page], 200);
    expect(outcome).toMatchObject({ profiles: [{ a: 1 }] });
    expect(requests).toBe(5);
  });

  it('never recovers fails after five attempts, with the last reason', async () => {
    const { outcome, requests } = await ask(Array.from({ length: 9 }, () => status(503)));
    expect((outcome as Error).message).toBe('page 1: the API answered 503 (attempt 5 of 5)');
    expect(requests).toBe(5);
  });

  it('sends more than is read is cut off', async () => {
    const endless: Answer = (_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(64 * 1024, ' ')));
      };
      response.on('drain', more);
      more();
    };
    const { outcome, requests } = await ask([endless]);
    expect((outcome as Error).message).toContain(String(MAX_PAGE_BYTES));
    expect(requests).toBe(1);
  });
});
