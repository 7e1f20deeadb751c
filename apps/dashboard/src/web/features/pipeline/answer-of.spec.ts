import { describe, expect, it } from '@jest/globals';
import { answer, type ResultRow } from '@millrace/views';
import { answerOf } from './answer-of.ts';

const panel = answer({
  overMs: 60_000,
  parts: [
    { y: 'requests', words: 'requests in the last minute' },
    { y: 'errors', of: 'requests', words: 'errors' },
    { y: 'p95', combine: 'max', words: 'at worst' },
  ],
  simulated: 'simulated',
});
const columns = [{ name: 'p95', type: 'double', unit: 'ms', nullable: true } as const];
const row = (windowStart: number, more: Partial<ResultRow>): ResultRow => ({
  windowStart,
  windowEnd: windowStart + 10_000,
  state: 'final',
  revision: 0,
  watermark: 0,
  ...more,
});
const ask = (rows: ResultRow[], nowMs: number) => answerOf(panel, rows, { columns, windowMs: 10_000, nowMs });

describe('answerOf', () => {
  it('sums the six windows up to the one that is filling, and no other', () => {
    const rows = Array.from({ length: 12 }, (_, index) =>
      row(index * 10_000, {
        requests: 10,
        errors: 1,
        p95: index,
        simulated: 4,
        state: index < 10 ? 'final' : 'filling',
      }),
    );
    const { parts, range, windows, simulated } = ask(rows, 114_000);
    expect(range).toEqual({ fromMs: 60_000, toMs: 120_000 });
    expect(parts.map(({ number }) => number)).toEqual(['60', '10%', '11 ms']);
    expect(windows).toEqual({ filling: 2, final: 4, revised: 0 });
    expect(simulated).toEqual({ count: 24, of: 60 });
  });

  it('says 0 of a count and nothing of a ratio where there is no data', () => {
    expect(ask([], 114_000).parts.map(({ number }) => number)).toEqual(['0', '–', '–']);
  });
});
