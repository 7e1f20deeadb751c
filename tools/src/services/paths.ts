import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '../../..');

/** Where downloads are kept: outside the repository, shared by all clones. `MILLRACE_CACHE` or `XDG_CACHE_HOME` move it. */
export function cacheDir(): string {
  const base = process.env['MILLRACE_CACHE'];
  return base ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'millrace');
}

/** Where a service keeps its data, log and process id. `MILLRACE_DIR` moves it (default `.millrace` in the repository). */
export function stateDir(service: string): string {
  return join(process.env['MILLRACE_DIR'] ?? join(repository, '.millrace'), 'services', service);
}
