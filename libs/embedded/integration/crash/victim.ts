import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A broker in a process of its own, to be killed. */
export interface Victim {
  readonly broker: string;
  /** `kill -9`; resolves when it is dead. @throws if the broker had something to complain about */
  kill(): Promise<void>;
  /** The memory that the process has, where Linux tells. */
  residentBytes(): number;
}

/** A process that is ready to become a broker. */
export interface Reserve {
  start(): Promise<Victim>;
  discard(): Promise<void>;
}

/** Loads a broker process for the folder ahead of time, so that the next broker is there at once when one is killed. */
export function reserveVictim(folder: string, limits: { maxFileKib?: number } = {}): Reserve {
  const script = join(import.meta.dirname, 'broker-process.ts');
  const command = [process.execPath, '--conditions=@millrace/source', script, folder];
  const { maxFileKib } = limits;
  // With the signal ignored, writing past the limit is an error as on a full disk.
  const limited = ['bash', '-c', `trap '' XFSZ; ulimit -f ${maxFileKib}; exec "$@"`, 'limited', ...command];
  const [program, ...args] = maxFileKib === undefined ? command : limited;
  // Compiling takes three times as long as everything else that a process does before it serves.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'millrace-compile-cache') };
  const child = spawn(program!, args, { env });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const exit = once(child, 'exit');
  const end = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await exit;
  };
  return {
    discard: end,
    async start() {
      const printed = once(child.stdout, 'data').then(([chunk]) => Number(String(chunk).trim()));
      const failed = exit.then(() => Promise.reject(new Error(`the broker did not start: ${errors}`)));
      child.stdin.write('start\n');
      const port = await Promise.race([printed, failed]);
      failed.catch(() => undefined);
      return {
        broker: `127.0.0.1:${port}`,
        residentBytes: () => {
          const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
          return 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)![1]);
        },
        async kill() {
          await end();
          if (errors !== '') throw new Error(`the broker complained: ${errors}`);
        },
      };
    },
  };
}
