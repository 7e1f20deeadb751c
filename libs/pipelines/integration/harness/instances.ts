import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { InstanceSettings } from './run.ts';

/** How many of its pipelines have all their tasks at work, have counted something, and have been refused a transaction. */
export interface InstancesStatus {
  readonly atWork: number;
  readonly counting: number;
  readonly recovered: number;
}

/** Instances of several pipelines in a process of their own. */
export class Instances {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  status: InstancesStatus = { atWork: 0, counting: 0, recovered: 0 };

  constructor(settings: readonly InstanceSettings[]) {
    this.#process = spawn(
      process.execPath,
      [
        '--conditions=@millrace/source',
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, 'instances-process.ts'),
        JSON.stringify(settings),
      ],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
        env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'millrace-compiled') },
      },
    );
    this.#exited = once(this.#process, 'exit');
    createInterface({ input: this.#process.stdout! }).on('line', (line) => {
      this.status = JSON.parse(line) as InstancesStatus;
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
