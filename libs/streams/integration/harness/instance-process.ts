import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from './cluster.ts';

type Line = Readonly<Record<string, unknown>>;

/** A pipeline in a process of its own, so that it can be killed and frozen. */
export class InstanceProcess {
  readonly #process: ChildProcess;
  readonly #lines: Line[] = [];

  constructor(settings: { readonly name: string; readonly brokers: string[]; readonly instanceId?: string }) {
    this.#process = spawn(
      process.execPath,
      [
        '--conditions=@millrace/source',
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, 'instance.ts'),
        JSON.stringify(settings),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    createInterface({ input: this.#process.stdout! }).on('line', (line) =>
      this.#lines.push(JSON.parse(line) as Line),
    );
  }

  /** Waits for a line, looking at those from now on. */
  async until(matches: (line: Line) => boolean): Promise<void> {
    const from = this.#lines.length;
    let at = from;
    await until(() => {
      for (; at < this.#lines.length; at++) if (matches(this.#lines[at]!)) return true;
      return this.#process.exitCode !== null;
    });
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill(signal);
    await ended;
  }

  freeze(): void {
    this.#process.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process.kill('SIGCONT');
  }
}
