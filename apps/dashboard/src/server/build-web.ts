import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WEB_DIR } from './web-dir.ts';

const packageDir = join(import.meta.dirname, '../..');
const stampFile = join(WEB_DIR, '.built-from');

export interface BuildWebOptions {
  /** Build only when a source file has changed since the last build. */
  readonly ifStale?: boolean;
  readonly log?: (line: string) => void;
}

/**
 * Builds the web pages from source by Vite, into `dist/web`. Does nothing in an installed package, which has no sources
 * and carries its pages built.
 */
export async function buildWeb({ ifStale = false, log }: BuildWebOptions = {}): Promise<void> {
  if (!existsSync(join(packageDir, 'src/web/index.html'))) return;
  const builtFrom = await fingerprint();
  if (ifStale && existsSync(stampFile) && (await readFile(stampFile, 'utf8')) === builtFrom) return;
  log?.('building the web pages');
  const { build } = await import('vite');
  await build({ configFile: join(packageDir, 'vite.config.ts'), logLevel: 'warn' });
  await writeFile(stampFile, builtFrom);
}

/** Changes whenever a file that the pages are made of does. */
async function fingerprint(): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of ['src/web', '../../libs/views/src']) {
    const entries = await readdir(join(packageDir, folder), { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    for (const file of files.sort()) hash.update(file).update(await readFile(file));
  }
  for (const file of ['vite.config.ts', 'package.json']) hash.update(await readFile(join(packageDir, file)));
  return hash.digest('hex');
}
