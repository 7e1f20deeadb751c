import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceError } from '../errors.ts';

const folder = join(import.meta.dirname, '../checksums');

/**
 * Compares the files of `dir` with the SHA-256 list `checksums/<name>.sha256` of this repository.
 * `MILLRACE_WRITE_CHECKSUMS=1` writes the list instead, which is how a version is moved.
 *
 * @throws ServiceError `SERVICES_CHECKSUM` names the first file that differs, is missing or is not listed.
 */
export async function verifyChecksums(name: string, dir: string): Promise<void> {
  const list = join(folder, `${name}.sha256`);
  const found = new Map<string, string>();
  for (const file of readdirSync(dir).sort()) found.set(file, await sha256(join(dir, file)));
  if (process.env['MILLRACE_WRITE_CHECKSUMS'] === '1') {
    writeFileSync(list, [...found].map(([file, sum]) => `${sum}  ${file}\n`).join(''));
    return;
  }
  if (!existsSync(list)) throw new ServiceError('SERVICES_CHECKSUM', `no checksum list ${list}`);
  for (const line of readFileSync(list, 'utf8').trim().split('\n')) {
    const [sum, file] = line.split('  ') as [string, string];
    if (found.get(file) !== sum) {
      const what = found.has(file) ? `has the SHA-256 ${found.get(file)}, not ${sum}` : 'is missing';
      throw new ServiceError(
        'SERVICES_CHECKSUM',
        `${file} of ${name} ${what}: delete ${dir} and fetch again.`,
      );
    }
    found.delete(file);
  }
  const [extra] = found.keys();
  if (extra !== undefined) {
    throw new ServiceError('SERVICES_CHECKSUM', `${extra} of ${name} is not in the checksum list ${list}.`);
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
