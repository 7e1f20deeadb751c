/** The library as browsers get it: bundled, and run in Chromium. Set MILLRACE_TEST_CHROMIUM to another browser's path. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import type * as windowing from '../src/index.ts';

const executablePath = process.env['MILLRACE_TEST_CHROMIUM'] ?? '/usr/bin/chromium';
const suite = existsSync(executablePath) ? describe : describe.skip;

/** The whole library as one script. The bundler's native part does not bear Jest's own realm, so it runs as a process. */
function bundle(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-windowing-'));
  try {
    const home = dirname(createRequire(import.meta.url).resolve('rolldown/package.json'));
    const file = join(folder, 'windowing.js');
    const entry = join(import.meta.dirname, '../src/index.ts');
    const options = ['--format', 'iife', '--name', 'windowing', '--minify', '--file', file];
    execFileSync(process.execPath, [join(home, 'bin/cli.mjs'), entry, ...options], { stdio: 'pipe' });
    return readFileSync(file, 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

suite('in a browser', () => {
  let browser: Browser;
  let code: string;

  beforeAll(async () => {
    code = bundle();
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  });

  afterAll(() => browser?.close());

  it('counts, keeps its state as bytes, and comes back', async () => {
    const page = await browser.newPage();
    await page.addScriptTag({ content: code });
    const rows = await page.evaluate(() => {
      const { windowed, tumbling, calendar, count, quantile, sum, distinct } = (
        globalThis as unknown as { windowing: typeof windowing }
      ).windowing;
      const build = () =>
        windowed({
          window: tumbling({ sizeMs: 60_000 }),
          time: (e: { at: number; route: string; ms: number }) => e.at,
          key: (e) => e.route,
          aggregates: { n: count(), total: sum('ms'), median: quantile('ms', 0.5), users: distinct('ms') },
        });
      const one = build();
      for (let i = 0; i < 100; i++) one.push({ at: i * 100, route: i % 2 ? '/ü' : '/', ms: i * 0.5 });
      const two = build();
      two.operator.restore(one.operator.snapshot());
      const perDay = windowed({
        window: calendar({ unit: 'day', timeZone: 'Europe/Berlin' }),
        time: (t: number) => t,
        aggregates: { n: count() },
      });
      perDay.push(Date.UTC(2026, 2, 29, 12));
      return [...two.finish(), ...perDay.finish()].map(({ watermark: _, ...row }) => row);
    });
    const frame = { windowStart: 0, windowEnd: 60_000, state: 'final', revision: 0, n: 50, users: 50 };
    expect(rows).toEqual([
      { ...frame, key: '/', total: 1225, median: 24 },
      { ...frame, key: '/ü', total: 1250, median: 24.5 },
      {
        key: '',
        windowStart: Date.UTC(2026, 2, 28, 23),
        windowEnd: Date.UTC(2026, 2, 29, 22),
        n: 1,
        state: 'final',
        revision: 0,
      },
    ]);
  });

  it('is small: under 30 kB compressed', () => {
    expect(gzipSync(code).length).toBeLessThan(30_000);
  });
});
