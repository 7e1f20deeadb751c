import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { flushCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A program of a test in a process of its own, to be killed and frozen. Its settings are its first parameter, as JSON. */
export class ChildProgram<Status extends object> {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  /** The last line of JSON that it printed. */
  status: Partial<Status> = {};

  /** `mostFileBytes`: it can write no larger file, as on a disk that is full. */
  constructor(
    file: string,
    settings: unknown,
    { mostFileBytes }: { readonly mostFileBytes?: number | undefined } = {},
  ) {
    // The shell counts in blocks of 512 bytes.
    const limited =
      mostFileBytes === undefined
        ? []
        : ['sh', '-c', `ulimit -f ${Math.floor(mostFileBytes / 512)} && exec "$0" "$@"`];
    const [command, ...before] = [...limited, process.execPath];
    this.#process = spawn(
      command!,
      [
        ...before,
        '--conditions=@millrace/source',
        '--disable-warning=ExperimentalWarning',
        file,
        JSON.stringify(settings),
      ],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
        env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'millrace-compiled') },
      },
    );
    this.#exited = once(this.#process, 'exit');
    createInterface({ input: this.#process.stdout! }).on('line', (line) => {
      this.status = JSON.parse(line) as Status;
    });
  }

  /** Ends it as a power cut would; also when it is frozen. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  freeze(): void {
    this.#process.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process.kill('SIGCONT');
  }
}

/**
 * Called by such a program first: it ends with its standard input, so that none outlives a test run that is killed, and what was
 * compiled of it is kept for the next, which a killed one cannot do at its end.
 */
export function beChildProgram(): void {
  flushCompileCache();
  process.stdin.on('end', () => process.exit(1)).resume();
}
