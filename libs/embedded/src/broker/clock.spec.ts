import { describe, expect, it } from '@jest/globals';
import { manualClock } from './clock.ts';

describe('manualClock', () => {
  it('runs what is due in its order and at its time, also what is set on the way', () => {
    const clock = manualClock(1000);
    const ran: [string, number][] = [];
    const note = (name: string) => () => void ran.push([name, clock.now()]);
    clock.after(30, note('second'));
    clock.after(10, () => {
      note('first')();
      clock.after(5, note('on the way'));
      clock.after(100, note('too late'));
    });
    clock.after(20, note('cancelled')).cancel();
    clock.advance(50);
    expect(ran).toEqual([
      ['first', 1010],
      ['on the way', 1015],
      ['second', 1030],
    ]);
    expect(clock.now()).toBe(1050);
  });
});
