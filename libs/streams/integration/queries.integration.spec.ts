import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { queryHandler, startPipeline } from '../src/index.ts';
import type { Query, QueryAnswer, RunningPipeline, StartOptions } from '../src/index.ts';
import { click, clicksPipeline, jsonSerdesModule } from './harness/clicks.ts';
import { until } from './harness/cluster.ts';
import { describeOnBrokers } from './harness/describe-on-brokers.ts';

const token = 'between the instances';
const clickCount = 2_000;
const clicks = Array.from({ length: clickCount }, (_, n) => click(n));
/** All clicks lie in two windows. */
const windowMs = 1_000_000_000;
const giveUpMs = 60_000;

interface Instance {
  readonly pipeline: RunningPipeline;
  readonly url: string;
  /** Takes connections and says nothing. */
  isMute: boolean;
}

describeOnBrokers('queries across instances', ({ cluster }) => {
  let ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    await Promise.all(ends.map((end) => end()));
    ends = [];
  });

  type Definition = ReturnType<typeof clicksPipeline>;
  async function newPipeline() {
    const definition = clicksPipeline(cluster.unique('qy'), {
      windowMs,
    });
    await cluster.createTopic(definition.sources.clicks.topic);
    await cluster.send(definition.sources.clicks.topic, clicks);
    return definition;
  }
  async function start(
    definition: Definition,
    {
      views = ['per_user', 'per_page'],
      timeoutMs = giveUpMs,
      ...options
    }: Partial<StartOptions> & { views?: string[]; timeoutMs?: number } = {},
  ): Promise<Instance> {
    const running: RunningPipeline[] = [];
    const exposed = views.map((view) => `${definition.name}.${view}`);
    const handler = queryHandler(running, { views: exposed, token });
    const server: Server = createServer((request, response) => {
      if (!instance.isMute) handler(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/queries`;
    const pipeline = await startPipeline(definition, {
      ...{ brokers: cluster.brokers, serdes: jsonSerdesModule },
      ...{ sessionTimeoutMs: 6_000, transactionTimeoutMs: 5_000 },
      queries: { url, token, timeoutMs },
      ...options,
    });
    running.push(pipeline);
    const instance: Instance = { pipeline, url, isMute: false };
    ends.push(async () => {
      await pipeline.stop();
      server.closeAllConnections();
      server.close();
    });
    return instance;
  }
  /** Asks again while tasks move, as the second worker's may still do. */
  const patientQuery =
    ({ pipeline }: Instance) =>
    async (query: Query): Promise<QueryAnswer> => {
      let answer: QueryAnswer | undefined;
      await until(async () => {
        answer = await pipeline.query(query).catch((error: Error & { retriable?: boolean }) => {
          if (error.retriable !== true) throw error;
          return undefined;
        });
        return answer !== undefined;
      }, giveUpMs);
      return answer!;
    };
  const counts = ({ rows }: QueryAnswer, column: string) => {
    const found = new Map<unknown, number>();
    for (const row of rows) found.set(row[column], (found.get(row[column]) ?? 0) + Number(row['clicks']));
    return found;
  };
  const expected = (column: 'user' | 'page') => {
    const found = new Map<unknown, number>();
    for (const one of clicks) found.set(one[column], (found.get(one[column]) ?? 0) + 1);
    return found;
  };
  /** Each instance has half of the tasks, and all clicks are counted, windows merged. */
  const settled = (instances: readonly Instance[]) =>
    until(async () => {
      const tasks = instances.map(({ pipeline }) => pipeline.tasks);
      if (tasks.some(({ length }) => length === 0) || tasks.flat().length !== 8) return false;
      for (const { pipeline } of instances)
        for (const view of ['per_page', 'per_user']) {
          const answer = await pipeline.query({ view }).catch(() => undefined);
          const sum = answer?.rows.reduce((total, row) => total + Number(row['clicks']), 0);
          if (sum !== clickCount) return false;
        }
      return true;
    }, giveUpMs);

  it('answers by key and for all keys the same on every instance, one of them with two workers', async () => {
    const definition = await newPipeline();
    const instances = await Promise.all([start(definition), start(definition, { workers: 2 })]);
    await settled(instances);
    for (const instance of instances) {
      const pipeline = { query: patientQuery(instance) };
      const all = await pipeline.query({ view: 'per_page' });
      expect(all).toMatchObject({ isComplete: true, partitions: [0, 1, 2, 3] });
      expect(counts(all, 'page')).toEqual(expected('page'));
      expect(Number.isFinite(all.watermark)).toBe(true);
      for (const [page, count] of expected('page')) {
        const one = await pipeline.query({ view: 'per_page', key: { page } });
        // Only the owner of the key was asked.
        expect(one.partitions).toHaveLength(1);
        expect(counts(one, 'page')).toEqual(new Map([[page, count]]));
      }
      const user = await pipeline.query({ view: 'per_user', key: { user: 'u7' } });
      expect(counts(user, 'user')).toEqual(new Map([['u7', expected('user').get('u7')]]));
      const before = await pipeline.query({ view: 'per_user', toMs: clicks[0]!.time - windowMs });
      expect(before.rows).toEqual([]);
      expect((await pipeline.query({ view: 'per_user', limit: 3 })).rows).toHaveLength(3);
    }
  });

  it('answers over HTTP what is exposed, to whoever has the token', async () => {
    const definition = await newPipeline();
    const instances = await Promise.all([start(definition), start(definition)]);
    await settled(instances);
    const { url } = instances[0]!;
    const get = (path: string, authorization = `Bearer ${token}`) =>
      fetch(`${url}/${definition.name}/${path}`, { headers: { authorization } });
    const key = encodeURIComponent(JSON.stringify({ page: '/p3' }));
    const response = await get(`per_page?key=${key}`);
    expect(response.status).toBe(200);
    const answer = (await response.json()) as QueryAnswer;
    expect(counts(answer, 'page')).toEqual(new Map([['/p3', expected('page').get('/p3')]]));
    expect((await get(`per_page?key=${key}`, 'Bearer another')).status).toBe(401);
    expect((await get('secrets')).status).toBe(404);
    expect((await get('per_page?key=%7B%7D')).status).toBe(400);
  });

  it('names the instance that does not answer within the time limit, and one that exposes too little', async () => {
    const definition = await newPipeline();
    const [one, other] = await Promise.all([
      start(definition, { timeoutMs: 1_000 }),
      start(definition, { views: ['per_user'] }),
    ]);
    await until(() => [one, other].every(({ pipeline }) => pipeline.tasks.length === 4), giveUpMs);
    await until(
      () =>
        one.pipeline.query({ view: 'per_page' }).then(
          () => false,
          ({ message }: Error) => message.includes('answered 404'),
        ),
      giveUpMs,
    );
    other.isMute = true;
    await expect(one.pipeline.query({ view: 'per_page' })).rejects.toMatchObject({
      code: 'STREAMS_PEER',
      retriable: true,
      message: expect.stringContaining(`the instance at ${other.url} of pipeline`) as unknown,
    });
    await expect(one.pipeline.query({ view: 'per_page' })).rejects.toThrow(/did not answer within 1000 ms/);
  });

  it('refuses with a retriable code while tasks move, and never leaves a part out', async () => {
    const definition = await newPipeline();
    const first = await start(definition);
    await until(() => first.pipeline.tasks.length === 8, giveUpMs);
    await settledAlone(first);
    let isOver = false;
    const codes = new Set<string>();
    const asking = (async () => {
      while (!isOver) {
        const answer = await first.pipeline.query({ view: 'per_user' }).catch((error: Error) => error);
        if (answer instanceof Error) codes.add((answer as Error & { code: string }).code);
        else expect(counts(answer, 'user')).toEqual(expected('user'));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    for (let round = 0; round < 2; round++) {
      const second = await start(definition);
      await settled([first, second]);
      await second.pipeline.stop();
      await until(() => first.pipeline.tasks.length === 8, giveUpMs);
    }
    await settledAlone(first);
    isOver = true;
    await asking;
    // Of an instance that has stopped the group hears a moment later than its callers.
    for (const code of codes) expect(['STREAMS_REBALANCING', 'STREAMS_PEER']).toContain(code);
    expect(codes).toContain('STREAMS_REBALANCING');
  });

  const settledAlone = ({ pipeline }: Instance) =>
    until(
      () =>
        pipeline.query({ view: 'per_user' }).then(
          (answer) =>
            counts(answer, 'user').size === 40 && answer.rows.length >= 40 && total(answer) === clickCount,
          () => false,
        ),
      giveUpMs,
    );
  const total = ({ rows }: QueryAnswer) => rows.reduce((sum, row) => sum + Number(row['clicks']), 0);
});
