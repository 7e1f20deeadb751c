import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { StreamsError } from '../errors.ts';
import type { RunningPipeline } from '../start-pipeline.ts';
import type { PeerQuery, Query } from './query.ts';
import { queryHandler } from './query-handler.ts';

interface Answered {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Record<string, unknown>;
}

function handlerOf(refusal?: StreamsError, token?: string) {
  const asked: (Query | PeerQuery)[] = [];
  const answer = (query: Query | PeerQuery) => {
    asked.push(query);
    if (refusal !== undefined) return Promise.reject(refusal);
    return Promise.resolve({ rows: [], watermark: -Infinity, isComplete: true, partitions: [0] });
  };
  const pipeline = { name: 'shop', query: answer, answerPeer: answer } as unknown as RunningPipeline;
  const handler = queryHandler([pipeline], {
    views: ['shop.pages', 'elsewhere.pages'],
    ...(token === undefined ? {} : { token }),
  });
  const get = (url: string, headers = {}, method = 'GET'): Promise<Answered> =>
    new Promise((resolve) => {
      let head: Pick<Answered, 'status' | 'headers'>;
      const response = {
        writeHead: (status: number, given: Record<string, string>) => (head = { status, headers: given }),
        end: (text: string) => resolve({ ...head, body: JSON.parse(text) as Answered['body'] }),
      };
      handler({ method, url, headers } as IncomingMessage, response as unknown as ServerResponse);
    });
  return { get, asked };
}

describe('queryHandler', () => {
  it('passes key, window range and limit on, wherever it is mounted', async () => {
    const { get, asked } = handlerOf();
    const { status, body } = await get(
      '/a/b/shop/pages?key=%7B%22page%22%3A%22%2F%22%7D&fromMs=-5&toMs=10&limit=7',
    );
    expect(status).toBe(200);
    // JSON has no infinities.
    expect(body).toEqual({ rows: [], watermark: null, isComplete: true, partitions: [0] });
    expect(asked).toEqual([{ view: 'pages', key: { page: '/' }, fromMs: -5, toMs: 10, limit: 7 }]);
  });

  it('passes the parts on that another instance asks for', async () => {
    const { get, asked } = handlerOf();
    await get('/shop/pages?generation=3&partitions=0,2');
    expect(asked).toEqual([{ view: 'pages', limit: 10_000, generationId: 3, partitions: [0, 2] }]);
    expect((await get('/shop/pages?generation=3&partitions=0,x')).status).toBe(400);
  });

  it.each([
    ['/shop/secrets', 404],
    ['/shop', 404],
    ['/', 404],
    ['/shop/%E0%A4%A', 404],
    ['/shop/pages?key=', 400],
    ['/shop/pages?key=%5B%5D', 400],
    ['/shop/pages?key=null', 400],
    ['/shop/pages?fromMs=now', 400],
    ['/shop/pages?toMs=', 400],
    ['/shop/pages?limit=0', 400],
    ['/shop/pages?limit=10001', 400],
    [`/shop/pages?key=${'x'.repeat(9_000)}`, 414],
  ])('answers %s with %i and asks nobody', async (url, expected) => {
    const { get, asked } = handlerOf();
    const { status, body, headers } = await get(url);
    expect(status).toBe(expected);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(body['status']).toBe(expected);
    expect(asked).toEqual([]);
  });

  it('asks for the token when it has one, and takes only GET', async () => {
    const { get, asked } = handlerOf(undefined, 'secret');
    expect((await get('/shop/pages')).status).toBe(401);
    expect((await get('/shop/pages', { authorization: 'Bearer secre' })).status).toBe(401);
    expect(asked).toEqual([]);
    expect((await get('/shop/pages', { authorization: 'Bearer secret' })).status).toBe(200);
    expect((await get('/shop/pages', { authorization: 'Bearer secret' }, 'POST')).status).toBe(405);
  });

  it('says what can be asked again later, and nothing of errors inside', async () => {
    const moving = await handlerOf(new StreamsError('STREAMS_REBALANCING', 'moving')).get('/shop/pages');
    expect(moving).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(await handlerOf().get('/elsewhere/pages')).toMatchObject({ status: 503 });
    expect(await handlerOf(new StreamsError('STREAMS_PEER', 'b is away')).get('/shop/pages')).toMatchObject({
      status: 502,
      body: { title: 'STREAMS_PEER', detail: 'b is away' },
    });
    const inside = await handlerOf(new StreamsError('STREAMS_STATE', 'secret')).get('/shop/pages');
    expect(inside.status).toBe(500);
    expect(JSON.stringify(inside.body)).not.toContain('secret');
  });
});
