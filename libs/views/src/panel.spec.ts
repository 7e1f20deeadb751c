import { describe, expect, it } from '@jest/globals';
import { answer, bars, findings, stat, steps, table, timeSeries, type Panel } from './panel.ts';
import { rowKey } from './result-row.ts';

describe('panels', () => {
  const panels = [
    answer({ overMs: 60_000, parts: [{ y: 'requests', words: 'requests' }], simulated: 'simulated' }),
    timeSeries({ y: 'requests', shape: 'bars' }),
    timeSeries({ y: ['p50', 'p95'], unit: 'ms' }),
    bars({ y: 'requests', by: 'path', top: 10 }),
    steps({ y: ['viewed', 'paid'] }),
    findings({ title: 'Attacks', subject: 'user' }),
    stat({ y: 'errors', of: 'requests', unit: 'ratio' }),
    table(),
  ] satisfies Panel[];

  it('are plain data that survive JSON', () => {
    expect(JSON.parse(JSON.stringify(panels))).toEqual(panels);
  });

  it('hold their fields as a list, also a single one', () => {
    expect(timeSeries({ y: 'requests' }).y).toEqual(['requests']);
  });

  it('keep the names of their fields in their type, for a definition to check', () => {
    const checked: Panel<'requests' | 'path'>[] = [timeSeries({ y: 'requests', series: 'path' })];
    // @ts-expect-error this view has no field `nobody`
    checked.push(timeSeries({ y: 'nobody' }));
    expect(checked).toHaveLength(2);
  });
});

describe('rowKey', () => {
  it('tells apart what only a separator would mix up, and null from the text', () => {
    const row = { windowStart: 0, windowEnd: 1, state: 'final', revision: 0, watermark: 1 } as const;
    expect(rowKey({ ...row, a: 'x,y', b: 'z' }, ['a', 'b'])).not.toBe(
      rowKey({ ...row, a: 'x', b: 'y,z' }, ['a', 'b']),
    );
    expect(rowKey({ ...row, a: null }, ['a'])).not.toBe(rowKey({ ...row, a: 'null' }, ['a']));
  });
});
