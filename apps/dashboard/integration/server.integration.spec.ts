import { connect, createServer } from 'node:net';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startKafka } from '@millrace/embedded';
import { parseAccessLogLine } from '@millrace/pipelines';
import { topicNames } from '@millrace/streams';
import { run, type RunningDashboard } from '../src/index.ts';
import { eventually } from './eventually.ts';
import { keyOf, pathRow, realServices, startWorld, type ResultsWorld } from './results-world.ts';
import { SseReader } from './sse-reader.ts';

const nowWindow = () => Math.floor(Date.now() / 10_000) * 10_000;

describe.each([
  ['the embedded broker and registry', undefined, describe],
  [
    'Apache Kafka and a Confluent-compatible registry',
    realServices,
    realServices === undefined ? describe.skip : describe,
  ],
] as const)('over %s', (_name, services, suite) => {
  suite('the dashboard server', () => {
    let world: ResultsWorld;
    let dashboard: RunningDashboard;
    const get = async (path: string) => {
      const response = await fetch(dashboard.url + path);
      // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each test knows the answer it asks for
      const body = (await response.json()) as any;
      return { status: response.status, headers: response.headers, body };
    };
    const live = (views: string, lastEventId?: string) =>
      new SseReader(
        `${dashboard.url}/api/live?views=${views}`,
        lastEventId === undefined ? {} : { lastEventId },
      );

    beforeAll(async () => {
      world = await startWorld(services);
      dashboard = await run(world.config, { definitions: [world.definition] });
      await eventually('health is ok', async () =>
        (await get('/api/health')).body.status === 'ok' ? true : undefined,
      );
    });
    afterAll(async () => {
      await dashboard?.stop();
      await world?.stop();
    });

    it('describes its pipelines', async () => {
      const { body } = await get('/api/pipelines');
      expect(body).toMatchObject([
        { name: world.definition.name, definition: JSON.parse(JSON.stringify(world.definition)) },
      ]);
      expect(body[0].topology).toContain('logs');
      expect(body[0].views.map((view: { name: string }) => view.name)).toEqual(
        Object.keys(world.definition.views),
      );
    });

    it('reads history in a range, newest rows first to be kept, oldest first in the answer', async () => {
      const start = nowWindow();
      await world.store(
        'requests_by_path',
        Array.from({ length: 5 }, (_, index) =>
          pathRow('/stored', start - index * 10_000, { requests: index + 1 }),
        ),
      );
      const path = '/api/views/requests_by_path/rows';
      const { body } = await get(`${path}?from=${start - 30_000}&to=${start}&limit=2`);
      expect(body.rows.map((row: { windowStart: number }) => row.windowStart)).toEqual([
        start - 20_000,
        start - 10_000,
      ]);
      expect(body.truncated).toBe(true);
      const iso = (timeMs: number) => new Date(timeMs).toISOString();
      const all = await get(`${path}?from=${iso(start - 30_000)}&to=${iso(start)}`);
      expect(all.body).toMatchObject({ truncated: false });
      expect(all.body.rows).toHaveLength(3);
      expect(all.headers.get('cache-control')).toBe('no-store');
    });

    it('reads rows that have no time whatever the range, none while their table is not there', async () => {
      expect((await get('/api/views/last_requests/rows')).body.rows).toEqual([]);
      await world.store('last_requests', [{ path: '/old', time: 1_000, status: 404 }]);
      const { body } = await get('/api/views/last_requests/rows');
      expect(body.rows).toMatchObject([{ path: '/old', time: 1_000, status: 404, state: 'final' }]);
    });

    it.each([
      ['/api/views/nobody/rows', 404, 'unknown-view'],
      ['/api/views/requests_by_path/rows?from=yesterday', 400, 'bad-query'],
      ['/api/views/requests_by_path/rows?limit=0', 400, 'bad-query'],
      ['/api/views/requests_by_path/rows?limit=10001', 400, 'bad-query'],
      ['/api/views/requests_by_path/rows?form=1', 400, 'bad-query'],
      ['/api/views/%ff/rows', 400, 'bad-request'],
      ['/api/live?views=traffic,nobody', 404, 'unknown-view'],
      ['/api/pipelines/nobody/set-aside', 404, 'unknown-pipeline'],
      ['/api/nothing', 404, 'not-found'],
    ])('answers %s with %d as problem JSON', async (path, status, kind) => {
      const { status: got, headers, body } = await get(path);
      expect(got).toBe(status);
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(body).toMatchObject({
        type: `urn:millrace:problem:${kind}`,
        status,
        detail: expect.any(String),
      });
    });

    it('streams results as they are committed, with their watermark, and resumes after the last event', async () => {
      const start = nowWindow();
      const first = live('requests_by_path');
      await eventually('the stream is open', () => first.response);
      expect(first.response?.headers['content-type']).toBe('text/event-stream; charset=utf-8');
      const row = pathRow('/live', start);
      await world.publish('requests_by_path', [row]);
      const isMine = (path: string) => (event: { event: string; data: { rows?: { path: string }[] } }) =>
        event.event === 'rows' && event.data.rows?.some((candidate) => candidate.path === path) === true;
      const { data } = await first.until(isMine('/live'));
      expect(data.rows.find((candidate: { path: string }) => candidate.path === '/live')).toEqual(row);
      await first.until(({ event, data: told }) => event === 'watermark' && told.watermark >= row.watermark);
      await first.until(({ event }) => event === 'heartbeat');
      const lastId = first.lastId ?? '';
      first.close();

      await world.publish('requests_by_path', [
        pathRow('/missed', start),
        pathRow('/missed', start, { requests: 2 }),
      ]);
      const watching = live('requests_by_path');
      await watching.until(isMine('/missed'));
      watching.close();
      const back = live('requests_by_path', lastId);
      const missed = await back.until(isMine('/missed'));
      expect(missed.data.rows).toEqual([pathRow('/missed', start, { requests: 2 })]);
      expect(back.events.map(({ event }) => event)).not.toContain('reset');
      back.close();

      const stranger = live('requests_by_path', 'another-instance.5');
      await stranger.until(({ event, data: told }) => event === 'reset' && told.view === 'requests_by_path');
      await stranger.until(isMine('/missed'));
      stranger.close();
    });

    it('tells of retracted rows, and never shows what an aborted transaction wrote', async () => {
      const start = nowWindow();
      const topic = topicNames.results(world.definition.name, 'requests_by_path');
      const reader = live('requests_by_path');
      const key = (path: string) => keyOf(world.definition, 'requests_by_path', pathRow(path, start));
      await world.publish('requests_by_path', [pathRow('/gone', start)]);
      const transactional = world.kafka.producer({
        transactionalId: `${world.definition.name}-tx`,
        idempotent: true,
        maxInFlightRequests: 1,
      });
      await transactional.connect();
      for (const path of ['/aborted-1', '/aborted-2']) {
        const transaction = await transactional.transaction();
        const value = await world.encode('requests_by_path', pathRow(path, start));
        await transaction.send({ topic, messages: [{ key: key(path), value, partition: 0 }] });
        await transaction.abort();
      }
      const transaction = await transactional.transaction();
      const value = await world.encode('requests_by_path', pathRow('/committed', start));
      await transaction.send({
        topic,
        messages: [
          { key: key('/committed'), value, partition: 0 },
          { key: key('/gone'), value: null, partition: 0 },
        ],
      });
      await transaction.commit();
      await transactional.disconnect();
      const { data } = await reader.until(({ data: told }) => (told.removed ?? []).length > 0);
      expect(data.removed).toEqual([{ path: '/gone', windowStart: start }]);
      const paths = reader.events.flatMap(({ data: told }) => (told.rows ?? []) as { path: string }[]);
      expect(paths.map(({ path }) => path)).toContain('/committed');
      expect(paths.filter(({ path }) => path.startsWith('/aborted'))).toEqual([]);
      reader.close();
    });

    it('counts what was set aside, on the stream, as a metric, and with its reason', async () => {
      const { name } = world.definition;
      const reader = live('traffic');
      await world.producer.send({
        topic: topicNames.deadLetter(name),
        messages: [{ value: 'no <b>log</b> line', headers: { reason: 'not an access log', code: 'format' } }],
      });
      const { data } = await reader.until(
        ({ event, data: told }) => event === 'heartbeat' && told.setAside[name]['dead-letter'] > 0,
      );
      expect(data.setAside[name]).toEqual({ late: 0, rejected: 0, 'dead-letter': 1 });
      reader.close();
      const { body } = await get(`/api/pipelines/${name}/set-aside`);
      expect(body.newest).toMatchObject([
        {
          kind: 'dead-letter',
          offset: 0,
          preview: 'no <b>log</b> line',
          headers: { reason: 'not an access log' },
        },
      ]);
      const metrics = await (await fetch(`${dashboard.url}/metrics`)).text();
      expect(metrics).toContain(`millrace_dead_letter_records{pipeline="${name}"} 1`);
    });

    it('skips a result that it cannot read, says so, and goes on', async () => {
      const topic = topicNames.results(world.definition.name, 'traffic');
      await world.producer.send({ topic, messages: [{ key: '[0]', value: 'not Avro' }] });
      await eventually('it is counted', async () => {
        const metrics = await (await fetch(`${dashboard.url}/metrics`)).text();
        return metrics.includes(`millrace_dashboard_unreadable_results_total{topic="${topic}"} 1`)
          ? true
          : undefined;
      });
      const reader = live('requests_by_path');
      await world.publish('requests_by_path', [pathRow('/still-here', nowWindow())]);
      await reader.until(({ data }) =>
        (data.rows ?? []).some(({ path }: { path: string }) => path === '/still-here'),
      );
      reader.close();
    });

    it('writes a line of its access log for every request, also for one that was cut off', async () => {
      await fetch(`${dashboard.url}/seen?a=1`, { headers: { 'user-agent': 'test "quoted"\tagent' } });
      const cut = live('traffic');
      await eventually('the stream is open', () => cut.response);
      cut.close();
      const line = await eventually('the lines are there', async () => {
        const lines = (await readFile(world.config.accessLog.path, 'utf8')).trimEnd().split('\n');
        const isThere = lines.at(-1)?.includes('/api/live?views=traffic') === true;
        expect(isThere ? parseAccessLogLine(Buffer.from(lines.at(-1) ?? '')) : undefined).toMatchObject({
          line: { status: 200, durationMs: null },
        });
        return lines.find((text) => text.includes('/seen'));
      });
      expect(parseAccessLogLine(Buffer.from(line))).toMatchObject({
        ok: true,
        line: {
          host: '127.0.0.1',
          method: 'GET',
          path: '/seen',
          status: 404,
          userAgent: 'test "quoted"\tagent',
        },
      });
      const all = (await readFile(world.config.accessLog.path)).toString('latin1').trimEnd().split('\n');
      for (const text of all) {
        const parsed = parseAccessLogLine(Buffer.from(text, 'latin1'));
        expect(parsed).toMatchObject({ ok: true, line: { host: '127.0.0.1' } });
      }
    });

    it('answers what is no HTTP, logs it, and lives', async () => {
      const { port } = new URL(dashboard.url);
      const socket = connect(Number(port), '127.0.0.1');
      socket.write('\x16\x03\x01 hello\r\n\r\n');
      const answer = await new Promise<string>((resolve) =>
        socket.once('data', (bytes) => resolve(String(bytes))),
      );
      expect(answer).toMatch(/^HTTP\/1.1 400 /);
      await eventually('the line is there', async () => {
        const text = await readFile(world.config.accessLog.path, 'utf8');
        return text.includes('"-" 400 0 "-" "-"') ? true : undefined;
      });
      expect((await get('/api/health')).status).toBe(200);
    });

    it('sends no page without the headers that keep foreign scripts out', async () => {
      for (const path of ['/api/health', '/nothing', '/api/live']) {
        const controller = new AbortController();
        const { headers } = await fetch(dashboard.url + path, { signal: controller.signal });
        expect(headers.get('content-security-policy')).toContain("script-src 'self'");
        expect(headers.get('x-content-type-options')).toBe('nosniff');
        controller.abort();
      }
    });
  });
});

describe('a dashboard without its surroundings', () => {
  it('listens, says that it is starting and what it waits for, and is ok when they have come', async () => {
    const reserve = await startKafka();
    const { port } = reserve;
    await reserve.stop();
    const world = await startWorld();
    const config = { ...world.config, brokers: [`127.0.0.1:${port}`] };
    const dashboard = await run(config, { definitions: [world.definition] });
    try {
      const health = async () =>
        (await (await fetch(`${dashboard.url}/api/health`)).json()) as Record<string, never>;
      const early = await eventually('the broker is named as missing', async () => {
        const told = JSON.stringify(await health());
        return told.includes(`127.0.0.1:${port}: `) ? told : undefined;
      });
      expect(JSON.parse(early)).toMatchObject({ status: 'starting' });
      const kafka = await startKafka({ port });
      await eventually('it is ok', async () => ((await health())['status'] === 'ok' ? true : undefined));
      await kafka.stop();
      await eventually('it is degraded', async () =>
        (await health())['status'] === 'degraded' ? true : undefined,
      );
    } finally {
      await dashboard.stop();
      await world.stop();
    }
  });

  it('names a port that is taken, who should free it, and the variable that changes it', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const { port } = blocker.address() as { port: number };
    const world = await startWorld();
    try {
      const config = { ...world.config, port };
      await expect(run(config, { definitions: [world.definition] })).rejects.toMatchObject({
        code: 'DASHBOARD_PORT_TAKEN',
        message: expect.stringMatching(new RegExp(`Port ${port} .*stop .*PORT`)),
      });
    } finally {
      blocker.close();
      await world.stop();
    }
  });

  it('answers 503 with a reason while its store cannot be read', async () => {
    const world = await startWorld();
    const config = { ...world.config, storageUrl: `sqlite:${world.dir}` }; // a folder is no database
    const dashboard = await run(config, { definitions: [world.definition] });
    try {
      const response = await fetch(`${dashboard.url}/api/views/traffic/rows`);
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('5');
      expect(await response.json()).toMatchObject({ type: 'urn:millrace:problem:store' });
    } finally {
      await dashboard.stop();
      await world.stop();
    }
  });
});
