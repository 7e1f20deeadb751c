import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { run, type RunningDashboard } from '../src/index.ts';
import { eventually } from './eventually.ts';
import { pathRow, startWorld, type ResultsWorld } from './results-world.ts';

const CLIENTS = 1_000;
const STALLED = 100;
const UPDATES = 10;
const PATH_BYTES = 400;

/** A client of the live stream on a bare socket: reads and notes when it saw which update, or does not read at all. */
function openClient(url: URL, views: string, onText?: (text: string) => void): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname, () => {
      socket.write(`GET /api/live?views=${views} HTTP/1.1\r\nhost: ${url.host}\r\n\r\n`);
      if (onText === undefined) socket.pause();
      else socket.setEncoding('utf8').on('data', (text) => onText(String(text)));
      resolve(socket);
    });
    socket.on('error', onText === undefined ? () => undefined : reject);
  });
}

describe('a thousand live streams of which a hundred stop reading', () => {
  let world: ResultsWorld;
  let dashboard: RunningDashboard;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    world = await startWorld();
    dashboard = await run(world.config, { definitions: [world.definition] });
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await dashboard?.stop();
    await world?.stop();
  });

  const metric = async (name: string) => {
    const text = await (await fetch(`${dashboard.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
  };

  it('drops the stalled ones, and every other one sees every update', async () => {
    const url = new URL(dashboard.url);
    const seen = Array.from({ length: CLIENTS - STALLED }, () => new Map<number, number>());
    for (const updates of seen) {
      let rest = '';
      const note = (text: string) => {
        rest = (rest + text).slice(-8_192);
        for (const [, update] of rest.matchAll(
          /"path":"\/update","windowStart":\d+,[^}]*"requests":(\d+)/g,
        )) {
          if (!updates.has(Number(update))) updates.set(Number(update), performance.now());
        }
      };
      sockets.push(await openClient(url, 'requests_by_path', note));
    }
    for (let index = 0; index < STALLED; index++) {
      sockets.push(await openClient(url, 'traffic,requests_by_path'));
    }
    await eventually('all streams are open', async () =>
      (await metric('millrace_dashboard_live_clients')) === CLIENTS ? true : undefined,
    );

    let bulks = 0;
    const start = Math.floor(Date.now() / 10_000) * 10_000;
    const dropped = await eventually('the stalled ones are dropped', async () => {
      const windowStart = start + bulks++ * 10_000;
      const filler = 'x'.repeat(PATH_BYTES);
      const top_paths = Array.from({ length: 100 }, (_, index) => ({ value: `${filler}${index}`, count: 1 }));
      await world.publish(
        'traffic',
        Array.from({ length: 10 }, (_, index) => trafficRow(windowStart + index * 10, top_paths)),
      );
      const count = await metric('millrace_dashboard_live_dropped_total');
      return count >= STALLED ? count : undefined;
    });
    expect(dropped).toBe(STALLED);
    expect(await metric('millrace_dashboard_live_clients')).toBe(CLIENTS - STALLED);

    const delaysMs: number[] = [];
    for (let update = 1; update <= UPDATES; update++) {
      const sentAt = performance.now();
      await world.publish('requests_by_path', [
        pathRow('/update', start, { requests: update, watermark: start + update }),
      ]);
      await eventually(`everybody sees update ${update}`, () =>
        seen.every((updates) => updates.has(update)) ? true : undefined,
      );
      for (const updates of seen) delaysMs.push((updates.get(update) ?? NaN) - sentAt);
    }
    expect(delaysMs.every(Number.isFinite)).toBe(true);
    delaysMs.sort((a, b) => a - b);
    const at = (share: number) => Math.round(delaysMs[Math.floor(delaysMs.length * share)] ?? NaN);
    console.info(
      `${CLIENTS - STALLED} readers, from send to sight: median ${at(0.5)} ms, 95% ${at(0.95)} ms; the stalled were dropped after ${bulks} bulks`,
    );
  });
});

function trafficRow(windowStart: number, top_paths: unknown) {
  return {
    windowStart,
    windowEnd: windowStart + 10_000,
    requests: 1,
    simulated_requests: 0,
    errors: 0,
    error_rate: 0,
    bytes: 0,
    p50_ms: 1,
    p95_ms: 1,
    p99_ms: 1,
    top_paths,
    state: 'filling',
    revision: 0,
    watermark: windowStart,
  };
}
