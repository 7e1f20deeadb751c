import { createServer } from 'node:net';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ChildSystem, eventually } from './child-system.ts';

interface PathRow {
  readonly path: string;
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly requests: number;
  readonly state: string;
}

let directory: string;
let system: ChildSystem | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-start-'));
});
afterEach(async () => {
  await system?.end('SIGKILL');
  await rm(directory, { recursive: true, force: true });
});

async function rowsOf(url: string, view: string): Promise<PathRow[]> {
  const response = await fetch(`${url}/api/views/${view}/rows?limit=10000`);
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return ((await response.json()) as { rows: PathRow[] }).rows;
}

describe('npm start', () => {
  it('counts a request to its own dashboard in the window that contains it, and still has it after a restart', async () => {
    system = new ChildSystem(directory);
    const url = await system.url;
    const path = '/seen-by-the-test';
    const beforeMs = Date.now();
    await fetch(`${url}${path}`);
    await fetch(`${url}${path}?again=1`);
    const afterMs = Date.now();
    const mine = (rows: readonly PathRow[]) => rows.filter((row) => row.path === path);
    const rows = await eventually('both requests are counted', async () => {
      const found = mine(await rowsOf(url, 'requests_by_path'));
      return found.reduce((sum, row) => sum + row.requests, 0) === 2 ? found : undefined;
    });
    for (const row of rows) {
      expect(row.windowStart).toBeLessThanOrEqual(afterMs);
      expect(row.windowEnd).toBeGreaterThan(beforeMs - 1000); // access logs have whole seconds
      expect(row.windowEnd - row.windowStart).toBe(10_000);
    }
    expect(await system.end('SIGINT')).toBe(0);

    system = new ChildSystem(directory);
    const again = mine(await rowsOf(await system.url, 'requests_by_path'));
    expect(again.reduce((sum, row) => sum + row.requests, 0)).toBe(2);
  });

  it('sets a line that is no access-log line aside with its reason, counts it, and goes on', async () => {
    const file = join(directory, 'site.log');
    await writeFile(file, 'this is not an access log\n');
    system = new ChildSystem(directory, { ACCESS_LOG: file, SIMULATE_LINES_PER_SECOND: '0' });
    const url = await system.url;
    const time = new Date()
      .toUTCString()
      .replace(/^\w+, (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1/$2/$3:$4 +0000');
    await appendFile(file, `192.0.2.1 - - [${time}] "GET /after HTTP/1.1" 200 5\n`);
    await eventually('the good line is counted', async () =>
      (await rowsOf(url, 'requests_by_path')).find((row) => row.path === '/after'),
    );
    const health = await eventually('the dead letter is counted', async () => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      return /dead_letter\w*\{[^}]*web-logs[^}]*\} 1\b/.exec(metrics)?.[0];
    });
    expect(health).toBeDefined();
  });

  it.each(['KAFKA_PORT', 'SCHEMA_REGISTRY_PORT', 'PROCESSOR_PORT', 'PRODUCER_PORT', 'PORT'])(
    'says that a port is taken, who should free it, and that %s changes it',
    async (variable) => {
      const taken = createServer();
      await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
      const { port } = taken.address() as { port: number };
      try {
        system = new ChildSystem(directory, { [variable]: String(port) });
        await expect(system.url).rejects.toThrow(
          new RegExp(`${port}.*(stop|free)[^]*\\b${variable}\\b`, 'i'),
        );
      } finally {
        taken.close();
      }
    },
  );
});
