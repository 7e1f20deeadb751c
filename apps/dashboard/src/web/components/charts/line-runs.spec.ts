import { describe, expect, it } from '@jest/globals';
import type { RowState } from '@millrace/views';
import type { Bucket } from '../../features/pipeline/time-buckets.ts';
import { lineRuns } from './line-runs.ts';

const bucket = (startMs: number, value: number | undefined, state: RowState = 'final'): Bucket => ({
  startMs,
  endMs: startMs + 10,
  values: new Map(value === undefined ? [] : [['p', value]]),
  state,
  windows: 1,
  revision: 0,
});
const shape = (buckets: Bucket[]) =>
  lineRuns(buckets, 'p').map(({ points, isFilling }) => [
    points.map(({ value }) => value).join(' '),
    isFilling ? 'filling' : 'final',
  ]);

describe('lineRuns', () => {
  it('never draws a line across a gap, be it a missing window or a missing value', () => {
    expect(shape([bucket(0, 1), bucket(10, 2), bucket(30, 3), bucket(40, undefined), bucket(50, 4)])).toEqual(
      [
        ['1 2', 'final'],
        ['3', 'final'],
        ['4', 'final'],
      ],
    );
  });

  it('joins what is filling to the last complete point', () => {
    expect(shape([bucket(0, 1), bucket(10, 2, 'filling'), bucket(20, 3, 'filling')])).toEqual([
      ['1', 'final'],
      ['1 2 3', 'filling'],
    ]);
  });

  it('goes through the middles of the windows', () => {
    expect(lineRuns([bucket(0, 1)], 'p')[0]?.points[0]?.timeMs).toBe(5);
  });
});
