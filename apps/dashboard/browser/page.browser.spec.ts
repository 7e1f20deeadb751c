import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { topicNames } from '@millrace/streams';
import { run, type RunningDashboard } from '../src/index.ts';
import { pathRow, startWorld, type ResultsWorld } from '../integration/results-world.ts';
import { DESKTOP, hasChromium, PHONE, startChromium, type RunningChromium, type Screen } from './chromium.ts';
import { seedRows } from './seed-rows.ts';
import { overflowPx, seriousFaults } from './page-faults.ts';

const suite = hasChromium ? describe : describe.skip;

suite('the page of a pipeline', () => {
  let world: ResultsWorld;
  let dashboard: RunningDashboard;
  let desktop: RunningChromium;
  const complaints: string[] = [];

  beforeAll(async () => {
    world = await startWorld();
    await seedRows(world);
    dashboard = await run(world.config, { definitions: [world.definition] });
    desktop = await startChromium(DESKTOP);
  });
  afterAll(async () => {
    await desktop?.close();
    await dashboard?.stop();
    await world?.stop();
  });
  afterEach(() => {
    expect(complaints.splice(0)).toEqual([]);
  });

  async function open(chromium: RunningChromium, path = '/'): Promise<Page> {
    const page = await chromium.context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(dashboard.url + path);
    await page.waitForSelector('.bar', { state: 'attached' });
    return page;
  }

  it('answers at the top in words and one number, and says how complete that is', async () => {
    const page = await open(desktop);
    const answer = await page.locator('.answer h1').innerText();
    expect(answer.replaceAll(/\s+/g, ' ')).toMatch(
      /^\d+ requests in the last minute, [\d.]+% errors, watermark \d+ s behind$/,
    );
    expect(await page.locator('.answer__note').innerText()).toMatch(
      /windows \d\d:\d\d:\d\d–\d\d:\d\d:\d\d: .*filling.*final[\s\S]*simulated/,
    );
    await page.close();
  });

  it('draws filling, final and revised windows differently, the watermark, and nothing where there is no data', async () => {
    const page = await open(desktop);
    const chart = page.locator('.panel').first();
    expect(await chart.locator('.bar--final').count()).toBeGreaterThan(50);
    expect(await chart.locator('.bar--revised .revised-mark').count()).toBe(2);
    const fills = await chart
      .locator('.bar--filling rect')
      .evaluateAll((bars) => bars.map((bar) => bar.getAttribute('fill')));
    expect(fills.length).toBeGreaterThan(0);
    for (const fill of fills) expect(fill).toMatch(/^url\(#hatch/);
    expect(await chart.locator('.watermark line').count()).toBe(1);
    const lefts = await chart
      .locator('.bar rect')
      .evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute('x'))));
    const steps = lefts.slice(1).map((left, index) => left - (lefts[index] ?? 0));
    const usual = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
    expect(steps.filter((step) => step > 6 * usual && step < 8 * usual)).toHaveLength(1);
    await page.close();
  });

  it('shows a result that is committed while it is open, without being loaded anew', async () => {
    const page = await open(desktop);
    await page.waitForSelector('.connection--live');
    const windowStart = Math.floor(Date.now() / 10_000) * 10_000;
    await world.publish('requests_by_path', [pathRow('/just-now', windowStart, { requests: 9_000 })]);
    await page.locator('.line-label', { hasText: '/just-now' }).waitFor();
    await page.close();
  });

  it('has one cursor over all charts, by pointer and by key, and a table behind every chart one key away', async () => {
    const page = await open(desktop);
    const charts = await page.locator('.chart').count();
    expect(charts).toBeGreaterThan(3);
    await page.locator('.cursor-surface').first().hover();
    expect(await page.locator('.cursor').count()).toBe(charts);
    await page.mouse.move(0, 0);
    expect(await page.locator('.cursor').count()).toBe(0);

    const panel = page.locator('.panel').first();
    await panel.locator('button').focus();
    await page.keyboard.press('ArrowLeft');
    expect(await page.locator('.cursor').count()).toBe(charts);
    const height = (await panel.boundingBox())?.height;
    await page.keyboard.press('t');
    expect(await panel.locator('tbody tr').count()).toBeGreaterThan(50);
    expect((await panel.boundingBox())?.height).toBe(height);
    await page.keyboard.press('t');
    await panel.locator('.bar').first().waitFor({ state: 'attached' });
    await page.close();
  });

  it('counts dead letters on screen and lists them with their reason, whatever is in them', async () => {
    const page = await open(desktop);
    await world.producer.send({
      topic: topicNames.deadLetter(world.definition.name),
      messages: [
        {
          value: '<script>document.title = "taken"</script><img src=x onerror="document.title=1">',
          headers: { reason: 'the line is in neither the common nor the combined format' },
        },
      ],
    });
    await page.locator('.count--alarm[data-kind="dead-letter"]', { hasText: '1' }).waitFor();
    await page.locator('.aside__counts').click();
    const row = page.locator('.aside__events tbody tr').first();
    await row.waitFor();
    expect(await row.innerText()).toContain('the line is in neither the common nor the combined format');
    expect(await row.innerText()).toContain('<script>');
    expect(await page.title()).toBe(`${world.definition.name} · Millrace`);
    await page.close();
  });

  it('keeps its range and zone in the address', async () => {
    const page = await open(desktop);
    await page.getByRole('button', { name: '1 h' }).click();
    await page.getByRole('button', { name: 'UTC' }).click();
    expect(new URL(page.url()).search).toBe('?range=1+h&zone=utc');
    await page.reload();
    await page.waitForSelector('.bar', { state: 'attached' });
    expect(await page.getByRole('button', { name: '1 h' }).getAttribute('aria-pressed')).toBe('true');
    await page.close();
  });

  it('does not jump while it loads', async () => {
    const page = await desktop.context.newPage();
    await page.addInitScript(() => {
      const shifts: number[] = [];
      Object.assign(globalThis, { shifts });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) shifts.push((entry as unknown as { value: number }).value);
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto(dashboard.url);
    await page.waitForSelector('.bar', { state: 'attached' });
    await page.waitForSelector('.connection--live');
    const shifts = await page.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts);
    expect(shifts.reduce((sum, shift) => sum + shift, 0)).toBeLessThan(0.05);
    await page.close();
  });

  it.each<[string, Screen]>([
    ['on a desktop, light', DESKTOP],
    ['on a desktop, dark', { ...DESKTOP, colorScheme: 'dark' }],
    ['on a phone, light', PHONE],
    ['on a phone, dark', { ...PHONE, colorScheme: 'dark' }],
  ])('is accessible and fits %s', async (_name, screen) => {
    const chromium = await startChromium(screen);
    try {
      const page = await open(chromium);
      await page.locator('.aside__counts').click();
      await page.locator('.panel button').first().click();
      await page.locator('.made-of summary').click();
      expect(await seriousFaults(page)).toEqual([]);
      expect(await overflowPx(page)).toBeLessThanOrEqual(0);
      await page.close();
    } finally {
      await chromium.close();
    }
  });
});

suite('a page without data', () => {
  let world: ResultsWorld;
  let desktop: RunningChromium;

  beforeAll(async () => {
    world = await startWorld();
    desktop = await startChromium(DESKTOP);
  });
  afterAll(async () => {
    await desktop?.close();
    await world?.stop();
  });

  it('says what to start, then that the connection is lost, and goes on when the server is back', async () => {
    const first = await run(world.config, { definitions: [world.definition] });
    const port = Number(new URL(first.url).port);
    const page = await desktop.context.newPage();
    await page.goto(first.url);
    const notice = page.locator('.notice', { hasText: 'npx nx serve producer' });
    await notice.waitFor();
    expect(await notice.innerText()).toContain(`No window of ${world.definition.name} has data`);
    await first.stop();
    await page.waitForSelector('.connection--lost');
    const second = await run({ ...world.config, port }, { definitions: [world.definition] });
    await page.waitForSelector('.connection--live');
    const windowStart = Math.floor(Date.now() / 10_000) * 10_000;
    await world.publish('requests_by_path', [pathRow('/back', windowStart)]);
    await page.locator('.panel').first().waitFor();
    await page.close();
    await second.stop();
  });

  it('names the broker that does not answer, and what brings one up', async () => {
    const dashboard = await run(
      { ...world.config, brokers: ['127.0.0.1:1'] },
      { definitions: [world.definition] },
    );
    const page = await desktop.context.newPage();
    await page.goto(dashboard.url);
    const notice = page.locator('.notice', { hasText: 'npx nx serve embedded' });
    await notice.waitFor();
    expect(await notice.innerText()).toContain('127.0.0.1:1');
    await page.close();
    await dashboard.stop();
  });
});
