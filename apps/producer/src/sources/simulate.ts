import { setTimeout as sleep } from 'node:timers/promises';
import { formatAccessLogLine, simulatedRequest } from '@millrace/pipelines';
import type { Source, SourceBatch, SourcePosition } from './source.ts';

/** Lines are made at least this often, so that a high rate comes in small batches. */
const TICK_MS = 100;

export interface SimulateOptions {
  readonly linesPerSecond: number;
  readonly seed: number;
  readonly now?: () => number;
}

/** Access-log lines of a simulated site at a steady rate; line number `n` is the same for the same seed. */
export function simulate({ linesPerSecond, seed, now = Date.now }: SimulateOptions): Source {
  return {
    name: `simulate:web-logs:${seed}`,
    description: `simulating ${linesPerSecond} log lines a second (seed ${seed})`,
    open: (position, signal) => generate({ linesPerSecond, seed, now }, position, signal),
  };
}

async function* generate(
  { linesPerSecond, seed, now }: Required<SimulateOptions>,
  position: SourcePosition | undefined,
  signal: AbortSignal,
): AsyncIterable<SourceBatch> {
  let index = Number(position?.index ?? 0);
  let lastMs = now();
  let owed = 1; // the first line comes at once
  while (!signal.aborted) {
    const due = Math.floor(owed);
    if (due > 0) {
      const lines = Array.from({ length: due }, (_, n) => ({
        bytes: Buffer.from(formatAccessLogLine(simulatedRequest(seed, index + n, now()))),
        simulated: true,
      }));
      index += due;
      owed -= due;
      yield { lines, position: { index } };
    }
    await sleep(Math.max(TICK_MS, Math.min(1000 / linesPerSecond, 1000)), undefined, { signal }).catch(
      () => undefined,
    );
    const nowMs = now();
    owed = Math.min(owed + ((nowMs - lastMs) / 1000) * linesPerSecond, linesPerSecond + 1); // no flood after a pause
    lastMs = nowMs;
  }
}
