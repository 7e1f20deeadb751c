/** A task: one partition number of one stage. */
export interface TaskId {
  readonly stage: number;
  readonly partition: number;
}

export const taskName = ({ stage, partition }: TaskId): string => `${stage}_${partition}`;

export function parseTaskName(name: string): TaskId {
  const [stage = '', partition = ''] = name.split('_');
  return { stage: Number(stage), partition: Number(partition) };
}

export interface Claimant {
  readonly memberId: string;
  /** The tasks that it holds, by name, with the generation in which it held them. */
  readonly owned: readonly string[];
  readonly generationId: number;
  /** How far its copies of other tasks' state are: offsets of their changelogs, by task. */
  readonly warm: Readonly<Record<string, number>>;
  /** What may fail with it as a whole: its process. */
  readonly place: string;
}

/**
 * Deals tasks out: each stage as evenly as it goes, then all stages together, and with as few moves as that allows. What nobody
 * holds goes to the warmest copy of its state, where evenness allows.
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
    const most = Math.ceil(count / members.length);
    // How many members may hold `most` of this stage; the others one less.
    let full = count % members.length === 0 ? members.length : count % members.length;
    const give = (memberId: string, partition: number) => {
      assigned.get(memberId)!.push({ stage, partition });
      const holds = held.get(memberId)! + 1;
      held.set(memberId, holds);
      if (holds === most) full--;
    };
    const hasRoom = (memberId: string) => {
      const holds = held.get(memberId)!;
      return (holds < most - 1 || (holds < most && full > 0)) && assigned.get(memberId)!.length < mayHold;
    };
    const left: number[] = [];
    for (let partition = 0; partition < count; partition++) {
      const name = taskName({ stage, partition });
      const owner = members.find(({ owned }) => owned.includes(name))?.memberId;
      if (owner !== undefined && hasRoom(owner)) give(owner, partition);
      else left.push(partition);
    }
    const cold = left.filter((partition) => {
      const name = taskName({ stage, partition });
      const able = members.filter(({ memberId, warm }) => warm[name] !== undefined && hasRoom(memberId));
      const warmest = able.sort((a, b) => b.warm[name]! - a.warm[name]!)[0];
      if (warmest !== undefined) give(warmest.memberId, partition);
      return warmest === undefined;
    });
    for (const partition of cold) {
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
