import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A process of this folder that printed its address. */
export interface Child {
  readonly url: string;
  kill(): Promise<void>;
}

export async function startChild(script: string, ...args: string[]): Promise<Child> {
  const node = ['--conditions=@millrace/source', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...node, join(import.meta.dirname, script), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await firstLine(child);
  return {
    url,
    async kill() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf('\n');
      if (end !== -1) resolve(text.slice(0, end));
    });
    child.once('exit', (code) => reject(new Error(`the process ended with ${code} before it was ready`)));
  });
}
