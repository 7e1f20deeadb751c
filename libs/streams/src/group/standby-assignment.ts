import { taskName } from './assignment.ts';
import type { Claimant, TaskId } from './assignment.ts';

/**
 * Deals out `count` copies of each task's state to members that do not hold the task: to those in other places first, then to those
 * that have one already, as evenly as it goes.
 */
export function assignStandbys(
  assigned: ReadonlyMap<string, readonly TaskId[]>,
  claimants: readonly Claimant[],
  count: number,
): Map<string, TaskId[]> {
  const members = [...claimants].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const standbys = new Map<string, TaskId[]>(members.map(({ memberId }) => [memberId, []]));
  const copies = Math.min(count, members.length - 1);
  const total = [...assigned.values()].reduce((sum, tasks) => sum + tasks.length, 0) * copies;
  const mayKeep = Math.ceil(total / members.length);
  const byTask = members.flatMap((owner) =>
    (assigned.get(owner.memberId) ?? []).map((id) => ({ owner, id })),
  );
  // Owners in turn, so that nobody's tasks find all others full.
  byTask.sort((a, b) => a.id.stage - b.id.stage || a.id.partition - b.id.partition);
  for (const { owner, id } of byTask) {
    const name = taskName(id);
    const rank = ({ memberId, place, warm }: Claimant): number[] => {
      const has = standbys.get(memberId)!.length;
      return [Number(place === owner.place), Number(!(name in warm && has < mayKeep)), has];
    };
    const others = members.filter(({ memberId }) => memberId !== owner.memberId);
    others.sort((a, b) => compare(rank(a), rank(b)));
    for (const { memberId } of others.slice(0, copies)) standbys.get(memberId)!.push(id);
  }
  return standbys;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return a[at]! - b[at]!;
  return 0;
}
