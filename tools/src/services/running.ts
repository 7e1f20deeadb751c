import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError } from './errors.ts';
import type { Command } from './service.ts';

/** A process that was started earlier and still runs. */
export interface Running {
  readonly pid: number;
}

const stopGraceMs = 20_000;

/**
 * When a process started, in clock ticks since boot: with the id it names one process for good, so that a
 * recycled id is never taken for ours.
 */
function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return afterName[0] === 'Z' ? undefined : afterName[19];
  } catch {
    if (existsSync('/proc/self/stat')) return undefined;
    try {
      process.kill(pid, 0);
      return 'unknown';
    } catch {
      return undefined;
    }
  }
}

/** The process that the pid file in `dir` names, if it is still that process. */
export function findRunning(dir: string): Running | undefined {
  const file = join(dir, 'pid');
  if (!existsSync(file)) return undefined;
  const [pid, ticks] = readFileSync(file, 'utf8').trim().split(' ');
  return ticks !== undefined && startTicks(Number(pid)) === ticks ? { pid: Number(pid) } : undefined;
}

/** Starts a process that outlives this one; its output is appended to `dir/log`. */
export async function startDetached(dir: string, command: Command): Promise<Running> {
  mkdirSync(dir, { recursive: true });
  const log = openSync(join(dir, 'log'), 'a');
  const child = spawn(command.file, [...command.args], {
    cwd: command.cwd ?? dir,
    env: { ...process.env, ...command.env },
    detached: true,
    stdio: ['ignore', log, log],
    ...(command.user ?? {}),
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) =>
      reject(
        new ServiceError('SERVICES_SPAWN', `${command.file} could not be run: ${cause.message}`, { cause }),
      ),
    );
  });
  child.unref();
  const pid = child.pid as number;
  writeFileSync(join(dir, 'pid'), `${pid} ${startTicks(pid) ?? 'gone'}\n`);
  return { pid };
}

/** Ends the process of `dir` and its group: politely first, by force after 20 s. Resolves with whether there was one. */
export async function stopRunning(dir: string): Promise<boolean> {
  const running = findRunning(dir);
  if (running !== undefined) {
    signal(running.pid, 'SIGTERM');
    const deadline = Date.now() + stopGraceMs;
    while (findRunning(dir) !== undefined && Date.now() < deadline) await delay(50);
    if (findRunning(dir) !== undefined) signal(running.pid, 'SIGKILL');
    while (findRunning(dir) !== undefined) await delay(50);
  }
  rmSync(join(dir, 'pid'), { force: true });
  return running !== undefined;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {
    // It ended between the look and the signal.
  }
}
