import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { renderBeat } from './render-beat.ts';

describe('renderBeat', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('runs what comes together together, soon, and the next no sooner than a beat later', () => {
    const beat = renderBeat(1_000, 60);
    const ran: string[] = [];
    beat(() => ran.push('a'));
    beat(() => ran.push('b'));
    expect(ran).toEqual([]);
    jest.advanceTimersByTime(60);
    expect(ran).toEqual(['a', 'b']);
    beat(() => ran.push('c'));
    jest.advanceTimersByTime(900);
    expect(ran).toEqual(['a', 'b']);
    jest.advanceTimersByTime(100);
    expect(ran).toEqual(['a', 'b', 'c']);
  });
});
