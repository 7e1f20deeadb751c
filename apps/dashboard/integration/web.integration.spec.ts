import { get } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { run, type RunningDashboard } from '../src/index.ts';
import { startWorld, type ResultsWorld } from './results-world.ts';

/** By a bare request: `fetch` asks for a fresh copy whenever the caller makes a request conditional. */
function statusOf(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
}

describe('the web pages', () => {
  let world: ResultsWorld;
  let dashboard: RunningDashboard;

  beforeAll(async () => {
    world = await startWorld();
    dashboard = await run(world.config, { definitions: [world.definition] });
  });
  afterAll(async () => {
    await dashboard?.stop();
    await world?.stop();
  });

  it('are asked for anew each time, and their hashed assets never', async () => {
    const page = await fetch(`${dashboard.url}/`);
    const html = await page.text();
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const assets = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
    expect(assets.length).toBeGreaterThanOrEqual(2);
    for (const path of assets) {
      const asset = await fetch(dashboard.url + path);
      expect(asset.status).toBe(200);
      expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    }
    const etag = page.headers.get('etag') ?? '';
    expect(await statusOf(`${dashboard.url}/`, { 'if-none-match': etag })).toBe(304);
  });

  it('are given for the address of a pipeline, and for no other', async () => {
    const page = await fetch(`${dashboard.url}/pipelines/${world.definition.name}?range=1+h`);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    for (const path of ['/pipelines/a/b', '/nobody', '/.built-from', '/assets/', '/..%2f..%2fpackage.json']) {
      const response = await fetch(dashboard.url + path);
      expect([path, response.status >= 400 && response.status < 500]).toEqual([path, true]);
      expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    }
  });

  it('are named where they are missing, with what makes them', async () => {
    const other = await run(world.config, {
      definitions: [world.definition],
      webDir: join(world.dir, 'none'),
    });
    const response = await fetch(other.url);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      detail: expect.stringContaining('npm run build -w apps/dashboard'),
    });
    await other.stop();
  });

  it('load nothing from anywhere else', async () => {
    const html = await readFile(join(import.meta.dirname, '../dist/web/index.html'), 'utf8');
    expect([...html.matchAll(/(?:src|href)="([^"]+)"/g)].every(([, path]) => path?.startsWith('/'))).toBe(
      true,
    );
  });
});
