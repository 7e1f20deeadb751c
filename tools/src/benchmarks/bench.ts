/** What a benchmark is: it checks its answers first, prints a table while it goes, and returns what it aimed at and got. */
export interface Aim {
  readonly name: string;
  /** The figure to reach; `got` is compared with it in the direction that `better` says. */
  readonly aim: number;
  readonly got: number;
  readonly unit: string;
  readonly met: boolean;
}

export interface Bench {
  readonly name: string;
  readonly summary: string;
  /** Throws when an answer is wrong. `args` are the words behind the benchmark's name on the command line. */
  run(args: readonly string[]): Promise<readonly Aim[]>;
}

/** An aim that is met by reaching at least `aim`. */
export function atLeast(name: string, aim: number, got: number, unit: string): Aim {
  return { name, aim, got: round(got), unit, met: got >= aim };
}

/** An aim that is met by staying at or under `aim`. */
export function atMost(name: string, aim: number, got: number, unit: string): Aim {
  return { name, aim, got: round(got), unit, met: got <= aim };
}

/** The middle value, the figure to quote on a noisy machine; throws on an empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('median of no values');
  return middle;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
