import { describe, expect, it } from '@jest/globals';
import { SetAsideCounter } from './set-aside-counter.ts';

const record = (offset: number, value = 'x', headers: [string, string][] = []) => ({
  offset,
  timestampMs: offset,
  key: null,
  value: Buffer.from(value),
  headers,
});

describe('SetAsideCounter', () => {
  it('counts each kind of each pipeline over its partitions', () => {
    const counter = new SetAsideCounter(['web-logs', 'clicks']);
    expect(counter.take('web-logs.dead-letter', 0, [record(0), record(1)])).toBe(true);
    counter.take('web-logs.dead-letter', 1, [record(0)]);
    counter.take('web-logs.dead-letter', 0, [record(5)]);
    counter.take('web-logs.late', 0, [record(0)]);
    expect(counter.take('web-logs.requests', 0, [record(0)])).toBe(false);
    expect(counter.counts('web-logs')).toEqual({ late: 1, rejected: 0, 'dead-letter': 4 });
    expect(counter.counts('clicks')).toEqual({ late: 0, rejected: 0, 'dead-letter': 0 });
  });

  it('counts a topic that was made anew from its own beginning', () => {
    const counter = new SetAsideCounter(['web-logs']);
    counter.take('web-logs.late', 0, [record(0), record(1), record(2)]);
    counter.take('web-logs.late', 0, [record(0)]);
    expect(counter.counts('web-logs').late).toBe(1);
  });

  it('keeps the newest twenty with their reason and the beginning of their bytes', () => {
    const counter = new SetAsideCounter(['web-logs']);
    const records = Array.from({ length: 30 }, (_, offset) =>
      record(offset, '<script>'.repeat(100), [['reason', `r${offset}`]]),
    );
    counter.take('web-logs.dead-letter', 0, records);
    const newest = counter.newest('web-logs');
    expect(newest).toHaveLength(20);
    expect(newest[0]).toMatchObject({ kind: 'dead-letter', offset: 29, headers: { reason: 'r29' } });
    expect(newest[0]?.preview).toHaveLength(300);
  });

  it('does not let a header named like a prototype into anything', () => {
    const counter = new SetAsideCounter(['web-logs']);
    counter.take('web-logs.late', 0, [record(0, 'x', [['__proto__', 'y']])]);
    expect(Object.getPrototypeOf(counter.newest('web-logs')[0]?.headers)).toBe(Object.prototype);
  });
});
