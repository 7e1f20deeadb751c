import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ClicksPerUser } from './clicks-per-user.ts';

export interface ProcessSettings extends ClicksPerUser {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  /** Counts nothing before `go`. */
  readonly waits?: boolean;
  /** Further options of `startPipeline`. */
  readonly startOptions?: object;
}

/** What a pipeline process says. */
export type Said =
  | { readonly said: 'running'; readonly restoreMs: number; readonly restoredRecords: number }
  | {
      /** It has caught up and committed: what it took since it last said so. */
      readonly said: 'counted';
      readonly records: number;
      /** Open ones in memory. */
      readonly keys: number;
      readonly diskMb: number;
      readonly elapsedMs: number;
      readonly cpuMs: number;
      readonly peakMb: number;
    };

/** A running pipeline process. */
export class Child {
  readonly #process;
  readonly #said: Said[] = [];
  #wake: (() => void) | undefined;

  constructor(settings: ProcessSettings) {
    this.#process = spawn(
      process.execPath,
      [
        '--conditions=@millrace/source',
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, 'pipeline-process.ts'),
        JSON.stringify(settings),
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    createInterface({ input: this.#process.stdout }).on('line', (line) => {
      this.#said.push(JSON.parse(line) as Said);
      this.#wake?.();
    });
    this.#process.once('exit', () => this.#wake?.());
  }

  go(): void {
    this.#process.stdin.write('go\n');
  }

  /** The next thing of this kind that the process says. */
  async next<Kind extends Said['said']>(kind: Kind): Promise<Extract<Said, { said: Kind }>> {
    for (;;) {
      const said = this.#said.shift();
      if (said?.said === kind) return said as Extract<Said, { said: Kind }>;
      if (said !== undefined) continue;
      if (this.#process.exitCode !== null)
        throw new Error(`the pipeline process ended, waiting for "${kind}"`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Ends it at once, without a last commit. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const exited = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await exited;
  }
}
