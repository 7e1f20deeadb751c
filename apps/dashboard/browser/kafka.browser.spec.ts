import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { topicNames } from '@millrace/streams';
import { run, type RunningDashboard } from '../src/index.ts';
import { pathRow, startWorld, type ResultsWorld } from '../integration/results-world.ts';
import { DESKTOP, hasChromium, PHONE, startChromium, type RunningChromium } from './chromium.ts';
import { overflowPx, seriousFaults } from './page-faults.ts';

const suite = hasChromium ? describe : describe.skip;

suite('the pages of the cluster', () => {
  let world: ResultsWorld;
  let dashboard: RunningDashboard;
  let desktop: RunningChromium;
  let topic: string;

  beforeAll(async () => {
    world = await startWorld();
    topic = topicNames.results(world.definition.name, 'requests_by_path');
    await world.publish(
      'requests_by_path',
      Array.from({ length: 120 }, (_, n) => pathRow(`/p${n}`, 10_000 * n)),
    );
    dashboard = await run(world.config, { definitions: [world.definition] });
    desktop = await startChromium(DESKTOP);
  });
  afterAll(async () => {
    await desktop?.close();
    await dashboard?.stop();
    await world?.stop();
  });

  async function open({ context }: RunningChromium, path: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(dashboard.url + path);
    await page.waitForSelector('.panel tbody tr');
    return page;
  }

  it('lead from a pipeline to the topics, to one of them, to a message and its fields', async () => {
    const page = await desktop.context.newPage();
    await page.goto(dashboard.url);
    await page.getByRole('link', { name: 'Kafka' }).click();
    await page.getByRole('searchbox').fill('requests_by');
    await page.getByRole('link', { name: topic, exact: true }).click();
    expect(await page.title()).toBe(`${topic} · Millrace`);
    await page.locator('.message__short').first().click();
    expect(await page.locator('.json').innerText()).toContain('"path": "/p119"');
    await page.close();
  });

  it('page back through a partition, and to the newest again', async () => {
    const page = await open(desktop, `/kafka/topics/${topic}`);
    await page.getByLabel('Partition', { exact: true }).selectOption('0');
    await page.getByRole('button', { name: 'Older' }).click();
    await page.getByRole('heading', { name: 'Messages before offset 70' }).waitFor();
    await page.locator('td', { hasText: '0, 69' }).waitFor();
    await page.getByRole('button', { name: 'Newest' }).click();
    await page.locator('td', { hasText: '0, 119' }).waitFor();
    await page.close();
  });

  it.each([
    ['light', DESKTOP],
    ['dark', { ...DESKTOP, colorScheme: 'dark' as const }],
    ['light, on a phone', PHONE],
  ])('have no serious fault for people with disabilities and fit (%s)', async (_name, screen) => {
    const chromium = await startChromium(screen);
    try {
      for (const path of ['/kafka', `/kafka/topics/${topic}`, '/kafka/subjects']) {
        const page = await open(chromium, path);
        expect(await seriousFaults(page)).toEqual([]);
        expect(await overflowPx(page)).toBeLessThanOrEqual(0);
        await page.close();
      }
    } finally {
      await chromium.close();
    }
  });

  it('show schemas on demand, and say that there is no consumer group', async () => {
    const page = await open(desktop, '/kafka/subjects');
    await page.getByRole('button', { name: `${topic}-value` }).click();
    expect(await page.locator('.json').innerText()).toContain('"type": "record"');
    await page.getByRole('link', { name: 'Consumer groups' }).click();
    await page.getByText('They appear when a processor starts.').waitFor();
    await page.close();
  });
});
