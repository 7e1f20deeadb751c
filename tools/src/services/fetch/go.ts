import { homedir } from 'node:os';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../paths.ts';
import { once } from './once.ts';
import { run } from './run.ts';

/**
 * Builds a Go program at a pinned version, once; resolves with the folder of its binary. `go` compares the
 * modules with the public checksum database, so no list is kept here.
 */
export async function fetchGo(name: string, module: string): Promise<string> {
  const dir = join(cacheDir(), name);
  await once(dir, async (unfinished) => {
    const go = existsSync('/usr/local/go/bin/go') ? '/usr/local/go/bin/go' : 'go';
    const env = { GOBIN: unfinished, HOME: process.env['HOME'] ?? homedir(), GOFLAGS: '-trimpath' };
    await run(go, ['install', '-ldflags=-s -w', module], { env, remedy: 'install Go 1.25 or newer' });
  });
  return dir;
}
