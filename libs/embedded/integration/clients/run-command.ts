import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Runs a program to its end. @returns what it printed; rejects with that if it fails */
export async function runCommand(program: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const output = collect(child);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${program} ended with ${code}:\n${output.all()}`);
  return output.standard();
}

/** Gathers what a process prints. */
export function collect(child: ChildProcess): { standard(): string; all(): string } {
  let standard = '';
  let errors = '';
  child.stdout!.on('data', (chunk: Buffer) => (standard += chunk.toString()));
  child.stderr!.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return { standard: () => standard, all: () => `${standard}\n${errors}` };
}
