/** A task: one partition number of one stage. */
export interface TaskId {
  readonly stage: number;
  readonly partition: number;
}

export const taskName = ({ stage, partition }: TaskId): string => `${stage}_${partition}`;

export interface Claimant {
  readonly memberId: string;
  /** The tasks that it holds, by name, with the generation in which it held them. */
  readonly owned: readonly string[];
  readonly generationId: number;
}

/**
 * Deals tasks out: each stage as evenly as it goes, then all stages together, and with as few moves as that allows.
 * The same input in any order gives the same answer.
 */
export function assignTasks(
  partitionsByStage: readonly number[],
  claimants: readonly Claimant[],
): Map<string, TaskId[]> {
  // Of two that claim the same task the one with the newer generation is right; the other was away.
  const members = [...claimants].sort(
    (a, b) => b.generationId - a.generationId || (a.memberId < b.memberId ? -1 : 1),
  );
  const assigned = new Map<string, TaskId[]>(members.map(({ memberId }) => [memberId, []]));
  if (members.length === 0) return assigned;
  const total = partitionsByStage.reduce((sum, count) => sum + count, 0);
  const mayHold = Math.ceil(total / members.length);
  partitionsByStage.forEach((count, stage) => {
    const held = new Map<string, number>(members.map(({ memberId }) => [memberId, 0]));
    const give = (memberId: string, partition: number) => {
      assigned.get(memberId)!.push({ stage, partition });
      held.set(memberId, held.get(memberId)! + 1);
    };
    const most = Math.ceil(count / members.length);
    // How many members may hold `most` of this stage; the others one less.
    let full = count % members.length === 0 ? members.length : count % members.length;
    const left: number[] = [];
    for (let partition = 0; partition < count; partition++) {
      const name = taskName({ stage, partition });
      const owner = members.find(({ owned }) => owned.includes(name))?.memberId;
      const holds = owner === undefined ? Infinity : held.get(owner)!;
      const room = holds < most - 1 || (holds < most && full > 0);
      if (owner === undefined || !room || assigned.get(owner)!.length >= mayHold) {
        left.push(partition);
        continue;
      }
      if (holds + 1 === most) full--;
      give(owner, partition);
    }
    for (const partition of left) {
      const next = [...held.keys()].sort(
        (a, b) =>
          held.get(a)! - held.get(b)! ||
          assigned.get(a)!.length - assigned.get(b)!.length ||
          (a < b ? -1 : 1),
      )[0]!;
      give(next, partition);
    }
  });
  return assigned;
}
