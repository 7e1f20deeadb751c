import { describe, expect, it } from '@jest/globals';
import { testPipeline } from '@millrace/streams/testing';
import { goldenSuite } from '../../testing/golden-suite.ts';
import { shoppers } from './events.ts';
import { batch } from './golden/batch.ts';
import { input } from './golden/input.ts';
import { clickstream } from './pipeline.ts';

goldenSuite(clickstream, { input, batch, directory: import.meta.dirname });

const minuteMs = 60_000;
const startMs = Date.UTC(2026, 0, 5, 18);
const [event] = shoppers({ seed: 1 }).between(startMs, startMs + minuteMs);

/** A pipeline whose clock stands at `startMs`, and the same click at other times. */
function begin() {
  const driver = testPipeline(clickstream);
  driver.advanceTime(startMs);
  return { driver, at: (event_time: unknown) => ({ ...event, event_time }) };
}

describe('clickstream, bad input', () => {
  it("sets aside what comes from a clock that is ahead, and closes nobody else's windows for it", () => {
    const { driver, at } = begin();
    driver.pipe('clicks', at(startMs));
    driver.pipe('clicks', at(startMs + 2 * minuteMs));
    driver.pipe('clicks', at(startMs + 365 * 24 * 60 * minuteMs));
    expect(driver.rejected().map(({ code }) => code)).toEqual(['STREAMS_FUTURE', 'STREAMS_FUTURE']);
    driver.pipe('clicks', at(startMs + 1));
    expect(driver.late()).toEqual([]);
    expect(driver.open('shop_traffic')).toMatchObject([{ events: 2, windowStart: startMs }]);
  });

  it('tells by how much an event is late when time goes backwards, and counts it nowhere', () => {
    const { driver, at } = begin();
    driver.advanceTime(10 * minuteMs);
    driver.pipe('clicks', at(startMs + 10 * minuteMs));
    driver.pipe('clicks', at(startMs));
    expect(driver.late()).toContainEqual(
      expect.objectContaining({
        view: 'shop_traffic',
        windowStart: startMs,
        latenessMs: 10 * minuteMs - 5_000,
      }),
    );
    expect(driver.open('shop_traffic')).toHaveLength(1);
  });

  it('hands an event without a usable time to the dead letters', () => {
    const { driver, at } = begin();
    for (const time of [null, 'noon', 1.5]) driver.pipe('clicks', at(time));
    expect(driver.deadLetters().map(({ code }) => code)).toEqual(Array(3).fill('STREAMS_EVENT_TIME'));
    expect(driver.open('shop_traffic')).toEqual([]);
  });

  it('lets a shopper leave the topic only as a pseudonym', () => {
    const { driver } = begin();
    driver.advanceTime(60 * minuteMs);
    const events = shoppers({ seed: 1 }).between(startMs, startMs + minuteMs);
    for (const one of events) driver.pipe('clicks', { ...one });
    driver.advanceWatermark('clicks', startMs + 5 * 60 * minuteMs);
    const results = JSON.stringify(Object.keys(clickstream.views).map((view) => driver.rows(view)));
    expect(results).toContain('"shopper":"pii:');
    for (const { user_id } of events) expect(results).not.toContain(`"${user_id}"`);
  });
});
