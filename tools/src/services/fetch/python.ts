import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../paths.ts';
import { once } from './once.ts';
import { run } from './run.ts';

/**
 * Makes a virtual environment from a list of pinned requirements with hashes, once; resolves with its interpreter.
 *
 * @param requirements a requirements file of this repository; pip refuses what does not match its hashes
 */
export async function fetchPython(name: string, requirements: string): Promise<string> {
  const dir = pythonDir(name);
  await once(dir, async (unfinished) => {
    const remedy = 'install Python 3.11 with venv (Debian: apt-get install python3-venv)';
    await run('python3', ['-m', 'venv', join(unfinished, 'venv')], { remedy });
    const pip = [
      '-m',
      'pip',
      'install',
      '-q',
      '--require-hashes',
      '--only-binary',
      ':all:',
      '-r',
      requirements,
    ];
    await run(join(unfinished, 'venv/bin/python'), pip);
    writeFileSync(join(unfinished, 'requirements'), requirements);
  });
  return join(dir, 'venv/bin/python');
}

/** Where that environment is, made or not. */
export function pythonDir(name: string): string {
  return join(cacheDir(), name);
}
