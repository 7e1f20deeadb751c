import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

/** A process of ours that prints lines of JSON. */
export class Child {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly exited: Promise<void>;
  isAlive = true;
  isStopped = false;

  /** `onLine` gets each line of its output that is JSON; anything else, and what it complains about, goes to ours. */
  constructor(
    name: string,
    start: {
      readonly program: string;
      readonly settings: unknown;
      readonly onLine: (line: Record<string, unknown>) => void;
    },
  ) {
    this.name = name;
    this.#process = spawn(
      process.execPath,
      [
        '--conditions=@millrace/source',
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, start.program),
        JSON.stringify(start.settings),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    createInterface({ input: this.#process.stdout! }).on('line', (line) => {
      try {
        start.onLine(JSON.parse(line) as Record<string, unknown>);
      } catch {
        console.log(`${name}: ${line}`);
      }
    });
    this.exited = new Promise((resolve) => {
      this.#process.once('exit', () => {
        this.isAlive = false;
        resolve();
      });
    });
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.exited;
  }

  /** Asks it to end; kills it when it does not. */
  async stop(): Promise<void> {
    this.#process.kill('SIGTERM');
    const late = setTimeout(() => this.#process.kill('SIGKILL'), 20_000);
    await this.exited;
    clearTimeout(late);
  }

  freeze(): void {
    this.isStopped = true;
    this.#process.kill('SIGSTOP');
  }

  thaw(): void {
    this.isStopped = false;
    this.#process.kill('SIGCONT');
  }
}
