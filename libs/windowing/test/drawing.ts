import type { Emit, Window } from '../src/index.ts';
import { count, createOperator } from '../src/index.ts';

interface Drawing {
  readonly window: Window<null>;
  /** One line per arrival: a letter is an event of that key at the time of its column; lines arrive one after the other. */
  readonly events: string;
  /** The time of the first column. */
  readonly from?: number;
  readonly outOfOrderMs?: number;
  readonly graceMs?: number;
  readonly emit?: Emit;
  /** Ends the input after the last event. */
  readonly finish?: boolean;
}

/**
 * Runs a drawing and draws what comes out, in order: each result as its interval with count and state, each missed window as
 * an interval of dots with "late".
 */
export function draw({ window, events, from = 0, finish = true, ...options }: Drawing): string {
  const lines: string[] = [];
  const interval = (start: number, end: number, fill: string): string =>
    `${' '.repeat(Math.max(0, start - from))}[${fill.repeat(Math.max(0, end - start - 1))})`;
  const operator = createOperator<null>(
    { window, aggregates: { n: count() }, ...options },
    {
      onResult({ key, windowStart, windowEnd, n, state, revision }) {
        const bar = interval(windowStart as number, windowEnd as number, '-');
        const number = state === 'revised' ? ` ${String(revision)}` : '';
        lines.push(
          `${String(key)} ${bar} ${state === 'retracted' ? '' : `${String(n)} `}${String(state)}${number}`,
        );
      },
      onLate({ key, windowStart, windowEnd }) {
        lines.push(`${key} ${interval(windowStart!, windowEnd!, '.')} late`);
      },
    },
  );
  for (const line of events.split('\n')) {
    [...line].forEach((key, column) => {
      if (/[a-z]/.test(key)) operator.add(key, from + column, null);
    });
  }
  if (finish) {
    lines.push('-- end of input');
    operator.finish();
  }
  return `\n${lines.join('\n')}\n`;
}
