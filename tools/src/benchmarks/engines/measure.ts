import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Command } from './engine.ts';

export interface Measured {
  /** From the first record taken up until the last transaction marker (or record) is in the results topic. */
  readonly elapsedMs: number;
  /** Of the process, in that time; NaN where there is no /proc. */
  readonly cpuMs: number;
  /** The most memory that the process ever had. */
  readonly peakMb: number;
}

export interface MeasureOptions {
  /** The sum of the results topic's end offsets. */
  readonly endOffset: () => Promise<number>;
  /** Asked when that has stood still for a while at `expected` or more (markers of transactions count, too). */
  readonly isComplete: () => Promise<boolean>;
  readonly expected: number;
  readonly timeoutMs?: number;
}

/** A fiftieth of what the fastest run takes; asking more often would take the engines' own time. */
const pollMs = 50;
/** Longer than any engine takes between two commits while it still has something to commit. */
const settleMs = 3_000;

/** Starts a process, measures it from its `FIRST` until the results topic stands still, and ends it. */
export async function measure(command: Command, options: MeasureOptions): Promise<Measured> {
  const { endOffset, isComplete, expected, timeoutMs = 300_000 } = options;
  const child = spawn(command.file, command.args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let first: { readonly atMs: number; readonly cpuMs: number } | undefined;
  const listen = (chunk: Buffer): void => {
    said = (said + chunk.toString()).slice(-20_000);
    if (first === undefined && /^FIRST$/m.test(said))
      first = { atMs: performance.now(), cpuMs: usage(child.pid!).cpuMs };
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  try {
    const startedMs = performance.now();
    let last = { offset: -1, atMs: 0, cpuMs: 0, peakMb: 0 };
    for (;;) {
      const offset = await endOffset();
      const atMs = performance.now();
      if (offset !== last.offset) last = { offset, atMs, ...usage(child.pid!) };
      if (first !== undefined && offset >= expected && atMs - last.atMs > settleMs) {
        if (await isComplete())
          return {
            elapsedMs: last.atMs - first.atMs,
            cpuMs: last.cpuMs - first.cpuMs,
            peakMb: last.peakMb,
          };
      }
      if (child.exitCode !== null || atMs - startedMs > timeoutMs)
        throw new Error(
          `${command.file} ${child.exitCode === null ? 'did not finish' : `ended with ${child.exitCode}`} at ${offset} of ${expected} results:\n${said.slice(-4_000)}`,
        );
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}

/** CPU time and peak memory so far, from /proc (proc(5): utime and stime are fields 14 and 15, in hundredths of a second). */
function usage(pid: number): { readonly cpuMs: number; readonly peakMb: number } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return {
      cpuMs: (Number(fields[11]) + Number(fields[12])) * 10,
      peakMb: Number(peak?.[1] ?? NaN) / 1024,
    };
  } catch {
    return { cpuMs: NaN, peakMb: NaN };
  }
}
