import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { seededRandom } from '@millrace/pipelines';
import { connectRegistry, createDecoder } from '@millrace/schemas';
import { ChildSystem, eventually } from './child-system.ts';
import { readTopic } from './read-topic.ts';

const crashes = Number(process.env.MILLRACE_START_CRASHES ?? 4);
const seed = Number(process.env.MILLRACE_SEED ?? Date.now() % 1_000_000);

/** Five starts of everything, on a machine that has other work too. */
const longMs = 300_000;

let system: ChildSystem | undefined;
let directory: string;
afterEach(async () => {
  await system?.end('SIGKILL');
  await rm(directory, { recursive: true, force: true });
});

/** Requests by path and window. */
function tally(
  rows: readonly { path: string; windowStart: number; requests: number }[],
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { path, windowStart, requests } of rows) {
    const name = `${path} @ ${windowStart}`;
    counts.set(name, (counts.get(name) ?? 0) + requests);
  }
  return new Map([...counts].sort());
}

describe(`npm start, killed ${crashes} times at random moments (MILLRACE_SEED=${seed})`, () => {
  it(
    'loses no event that the log holds and counts none twice',
    async () => {
      const random = seededRandom(seed);
      directory = await mkdtemp(join(tmpdir(), 'millrace-crash-'));
      let asked = 0;
      for (let crash = 0; crash < crashes; crash++) {
        system = new ChildSystem(directory, { SIMULATE_LINES_PER_SECOND: '200' });
        const url = await system.url;
        const untilMs = performance.now() + 300 + random.next() * 2500;
        while (performance.now() < untilMs) {
          await fetch(`${url}/crash-test/${asked++ % 7}`);
          await sleep(10);
        }
        await system.end('SIGKILL');
      }

      system = new ChildSystem(directory, { SIMULATE_LINES_PER_SECOND: '0' });
      const url = await system.url;
      const registryUrl = /schema registry at (\S+)/.exec(system.output)?.[1] ?? '';
      const decoder = createDecoder({ registry: connectRegistry({ url: registryUrl }) });
      const read = async () =>
        Promise.all(
          (await readTopic(system!.brokers, 'logs')).map(
            async ({ value }) =>
              (await decoder.decode(value)) as { time: number; path: string; line: string },
          ),
        );

      // What the log holds is what the access log and the simulator have written: each line once.
      const logged = (await readFile(join(directory, '.millrace/access.log'), 'utf8'))
        .split('\n')
        .filter((line) => line.includes('/crash-test/'));
      expect(logged.length).toBeGreaterThan(0);
      const events = await eventually('all lines of the access log are in the topic', async () => {
        const all = await read();
        return all.filter(({ path }) => path.startsWith('/crash-test/')).length >= logged.length
          ? all
          : undefined;
      });
      const sent = events.filter(({ path }) => path.startsWith('/crash-test/')).map(({ line }) => line);
      expect(sent.sort()).toEqual(logged.sort());

      // What the windows count is what the log holds: requests of the check itself apart.
      const isCounted = ({ path }: { path: string }) => !path.startsWith('/api/') && path !== '/metrics';
      const expected = tally(
        events
          .filter(isCounted)
          .map(({ path, time }) => ({ path, windowStart: Math.floor(time / 10_000) * 10_000, requests: 1 })),
      );
      const late = await readTopic(system.brokers, 'web-logs.late');
      expect(late).toEqual([]);
      const counted = await eventually('the windows have caught up', async () => {
        const response = await fetch(`${url}/api/views/requests_by_path/rows?limit=10000`);
        const { rows } = (await response.json()) as {
          rows: { path: string; windowStart: number; requests: number }[];
        };
        const counts = tally(rows.filter(isCounted));
        const sum = (map: Map<string, number>) =>
          [...map.values()].reduce((total, value) => total + value, 0);
        return sum(counts) >= sum(expected) ? counts : undefined;
      });
      expect(counted).toEqual(expected);
    },
    longMs,
  );
});
