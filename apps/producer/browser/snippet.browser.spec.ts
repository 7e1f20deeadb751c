import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { UserClickstream } from '@millrace/schemas';
import { type Browser, chromium } from 'playwright-core';
import { startWorld, type World } from '../integration/producer-world.ts';
import { eventually, topicValues } from '../integration/topic-values.ts';
import { snippet } from '../src/http/snippet.ts';
import type { RunningProducer } from '../src/run.ts';

const EXECUTABLE = process.env['MILLRACE_TEST_CHROMIUM'] ?? '/usr/bin/chromium';

(existsSync(EXECUTABLE) ? describe : describe.skip)('the snippet in a page of another origin', () => {
  let world: World;
  let producer: RunningProducer;
  let browser: Browser;
  let pageUrl: string;
  const site = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html><title>shop</title><script src="${producer.url}/snippet.js" defer></script>
      <button data-product="p-7">buy</button><button id="fails" onclick="nothing()">fail</button>`);
  });

  beforeAll(async () => {
    world = await startWorld();
    producer = await world.produce();
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    pageUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    browser = await chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox', '--disable-gpu'] });
  });
  afterAll(async () => {
    await browser.close();
    site.close();
    await producer.stop();
    await world.stop();
  });

  it('sends views, clicks, errors and the end of a visit, under one visitor and session', async () => {
    const page = await browser.newPage();
    await page.goto(`${pageUrl}/shop?q=1`);
    await page.click('[data-product]');
    await page.click('#fails');
    await page.goto(`${pageUrl}/cart`);
    await page.close({ runBeforeUnload: true });
    const events = await eventually('both visits have ended', async () => {
      const all = await topicValues<UserClickstream>(world.kafka, 'user_clickstream', world.registryUrl);
      return all.filter(({ event_type }) => event_type === 'leave').length >= 2 ? all : undefined;
    });
    const types = (path: string) =>
      events.filter(({ page }) => page === path).map(({ event_type }) => event_type);
    expect(types('/shop').sort()).toEqual(['click', 'click', 'error', 'leave', 'page_view']);
    expect(types('/cart').sort()).toEqual(['leave', 'page_view']);
    expect(events.find(({ product_id }) => product_id !== null)).toMatchObject({ product_id: 'p-7' });
    expect(new Set(events.map(({ user_id, session_id }) => user_id + session_id)).size).toBe(1);
    expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(events.length);
    for (const { event_type, load_ms } of events)
      if (event_type === 'page_view') expect(load_ms).toBeGreaterThan(0);
  });

  it('has at most a kibibyte when it is compressed', () => {
    expect(gzipSync(snippet, { level: 9 }).length).toBeLessThanOrEqual(1024);
  });
});
