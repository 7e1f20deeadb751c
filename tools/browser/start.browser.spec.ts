import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, chromium } from 'playwright-core';
import { ChildSystem, eventually } from '../integration/child-system.ts';

const executablePath = process.env.MILLRACE_TEST_CHROMIUM ?? '/usr/bin/chromium';
const suite = existsSync(executablePath) ? describe : describe.skip;
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-sync',
];

suite('the page of npm start', () => {
  let directory: string;
  let system: ChildSystem;
  let browser: Browser;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-page-'));
    system = new ChildSystem(directory);
    browser = await chromium.launch({ executablePath, args: flags });
  });
  afterAll(async () => {
    await browser?.close();
    await system?.end('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  });

  it('has data soon after the start, shows the requests that it makes itself, and has the history after a reload', async () => {
    const url = await system.url;
    const page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(url);
    await page.locator('.bar').first().waitFor({ state: 'attached' });

    const path = '/asked-by-this-page';
    const asked = 40; // more than any simulated path in so short a time, so that it is among those drawn
    const beforeMs = Date.now();
    await page.evaluate(
      async ({ path, asked }) => {
        for (let n = 0; n < asked; n++) await fetch(path);
      },
      { path, asked },
    );
    const afterMs = Date.now();
    await page.locator('.line-label', { hasText: path }).waitFor();

    const rows = await eventually('all of them are counted', async () => {
      const answer = await fetch(`${url}/api/views/requests_by_path/rows?limit=10000`);
      const { rows } = (await answer.json()) as {
        rows: { path: string; requests: number; windowStart: number; windowEnd: number }[];
      };
      const mine = rows.filter((row) => row.path === path);
      return mine.reduce((sum, row) => sum + row.requests, 0) === asked ? mine : undefined;
    });
    for (const row of rows) {
      expect(row.windowStart).toBeLessThanOrEqual(afterMs);
      expect(row.windowEnd).toBeGreaterThan(beforeMs - 1000); // access logs have whole seconds
    }

    await page.reload();
    await page.locator('.line-label', { hasText: path }).waitFor();
    expect(await page.locator('.bar').count()).toBeGreaterThan(0);
    await page.close();
  });
});
