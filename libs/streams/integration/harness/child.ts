import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A program of this folder in a process of its own, to be killed and frozen; `status` is the last line of JSON that it printed. */
export class Child<Status> {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  status: Partial<Status> = {};

  constructor(program: string, settings: unknown) {
    this.#process = spawn(
      process.execPath,
      [
        '--conditions=@millrace/source',
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, program),
        JSON.stringify(settings),
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
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

export interface InstanceStatus {
  readonly records: number;
  /** Tasks that run. */
  readonly running: number;
  readonly recoveries: number;
}

/** An instance of the clicks pipeline. */
export const startInstance = (settings: {
  readonly name: string;
  readonly brokers: readonly string[];
  readonly instanceId?: string;
  readonly sessionTimeoutMs: number;
  readonly transactionTimeoutMs: number;
  readonly commitIntervalMs?: number;
  readonly stateDir?: string;
  readonly checkpointIntervalMs?: number;
  readonly standbys?: number;
  readonly windowMs?: number;
  readonly workers?: number;
}) => new Child<InstanceStatus>('instance-process.ts', settings);
