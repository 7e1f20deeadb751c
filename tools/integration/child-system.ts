import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const main = join(import.meta.dirname, '../src/start/main.ts');

/** `npm start` as a process of its own, on free ports, its data in `directory`. */
export class ChildSystem {
  readonly #child: ChildProcess;
  /** All that it has printed. */
  output = '';
  readonly url: Promise<string>;

  constructor(directory: string, env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(
      process.execPath,
      ['--conditions=@millrace/source', '--disable-warning=TimeoutNegativeWarning', main],
      {
        cwd: directory,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...process.env,
          INIT_CWD: directory,
          KAFKA_PORT: '0',
          SCHEMA_REGISTRY_PORT: '0',
          PORT: '0',
          PROCESSOR_PORT: '0',
          PRODUCER_PORT: '0',
          ...env,
        },
      },
    );
    this.url = new Promise((resolve, reject) => {
      const take = (chunk: Buffer) => {
        this.output += chunk.toString();
        const url = /Millrace is up: (\S+)/.exec(this.output)?.[1];
        if (url !== undefined) resolve(url);
      };
      this.#child.stdout?.on('data', take);
      this.#child.stderr?.on('data', take);
      this.#child.once('exit', (code, signal) =>
        reject(new Error(`ended with ${code ?? signal} before it was up:\n${this.output}`)),
      );
    });
    this.url.catch(() => undefined); // whoever needs it awaits it
  }

  /** The broker's address, once it has been printed. */
  get brokers(): string {
    const brokers = /embedded broker at (\S+)/.exec(this.output)?.[1];
    if (brokers === undefined) throw new Error(`no broker yet:\n${this.output}`);
    return brokers;
  }

  /** Sends the signal and resolves with the exit status, or the signal's name, when the process has ended. */
  async end(signal: 'SIGKILL' | 'SIGINT'): Promise<number | string> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    if (this.#child.signalCode !== null) return this.#child.signalCode;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    const [code, name] = (await exited) as [number | null, string | null];
    return code ?? name ?? 'unknown';
  }
}

/** Asks until `answer` gives something other than undefined. */
export async function eventually<T>(
  what: string,
  answer: () => Promise<T | undefined>,
  withinMs = 60_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await answer().catch((error: Error) => {
      if (performance.now() > deadline) throw error;
      return undefined;
    });
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs / 1000} s`);
    await sleep(100);
  }
}
