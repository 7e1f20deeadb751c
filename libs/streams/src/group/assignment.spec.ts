import { describe, expect, it } from '@jest/globals';
import { assignTasks, taskName } from './assignment.ts';
import type { Claimant, TaskId } from './assignment.ts';
import { assignStandbys } from './standby-assignment.ts';

const member = (memberId: string, claim: Partial<Claimant> = {}): Claimant => ({
  memberId,
  owned: [],
  generationId: 1,
  warm: {},
  place: memberId,
  ...claim,
});
const names = (assigned: ReadonlyMap<string, readonly TaskId[]>) =>
  Object.fromEntries([...assigned].map(([memberId, tasks]) => [memberId, tasks.map(taskName).sort()]));

describe('tasks are dealt out', () => {
  it('evenly, and the same for members in any order', () => {
    const members = ['a', 'b', 'c'].map((name) => member(name));
    const expected = { a: ['0_0', '0_3'], b: ['0_1', '1_0'], c: ['0_2', '1_1'] };
    expect(names(assignTasks([4, 2], members))).toEqual(expected);
    expect(names(assignTasks([4, 2], members.toReversed()))).toEqual(expected);
  });

  it('without moving what is held, as far as evenness goes', () => {
    const members = [member('a', { owned: ['0_0', '0_1', '0_2', '0_3'] }), member('b')];
    expect(names(assignTasks([4], members))).toEqual({ a: ['0_0', '0_1'], b: ['0_2', '0_3'] });
  });

  it('to the warmest copy when nobody holds them', () => {
    const members = [
      member('a', { owned: ['0_0'], warm: { '0_3': 10, '0_4': 99 } }),
      member('b', { owned: ['0_1'], warm: { '0_3': 12, '0_5': 7 } }),
      member('c', { owned: ['0_2'] }),
    ];
    expect(names(assignTasks([6], members))).toEqual({
      a: ['0_0', '0_4'],
      b: ['0_1', '0_3'],
      c: ['0_2', '0_5'],
    });
  });

  it('evenly even if one member has all the copies', () => {
    const warm = Object.fromEntries(['0_0', '0_1', '0_2', '0_3'].map((name) => [name, 1]));
    const { a, b } = names(assignTasks([4], [member('a', { warm }), member('b')]));
    expect([a!.length, b!.length]).toEqual([2, 2]);
  });
});

describe('copies of state', () => {
  it('are kept by others than the owner of the task, evenly, and stay where they are', () => {
    const members = ['a', 'b', 'c'].map((name) => member(name));
    const assigned = assignTasks([6], members);
    const first = assignStandbys(assigned, members, 1);
    for (const [memberId, tasks] of first) {
      expect(tasks).toHaveLength(2);
      for (const task of tasks) expect(assigned.get(memberId)).not.toContainEqual(task);
    }
    const again = members.map((one) => {
      const kept = first.get(one.memberId)!.map(taskName);
      return { ...one, warm: Object.fromEntries(kept.map((name) => [name, 5])) };
    });
    expect(names(assignStandbys(assigned, again, 1))).toEqual(names(first));
  });

  it('are kept in other processes where there are any', () => {
    const members = [member('a', { place: 'x' }), member('b', { place: 'x' }), member('c', { place: 'y' })];
    const assigned = new Map([
      ['a', [{ stage: 0, partition: 0 }]],
      ['b', [{ stage: 0, partition: 1 }]],
      ['c', []],
    ]);
    expect(names(assignStandbys(assigned, members, 1))).toEqual({ a: [], b: [], c: ['0_0', '0_1'] });
  });

  it('are at most as many as there are others', () => {
    const alone = [member('a')];
    expect(names(assignStandbys(assignTasks([2], alone), alone, 1))).toEqual({ a: [] });
    const pair = [member('a'), member('b')];
    expect(names(assignStandbys(assignTasks([2], pair), pair, 3))).toEqual({ a: ['0_1'], b: ['0_0'] });
  });
});
