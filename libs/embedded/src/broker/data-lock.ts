import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DataLockedError } from '../errors.ts';

const lockedHere = new Set<string>();

/**
 * Claims a data folder for one broker; a lock left behind by a process that has died does not count.
 * @returns what gives the folder free again
 * @throws EMBEDDED_DATA_LOCKED
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const file = resolve(folder, 'broker.lock');
  const holder = existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined;
  if (lockedHere.has(file) || (holder !== undefined && holder !== process.pid && isAlive(holder))) {
    throw new DataLockedError(folder, holder ?? process.pid);
  }
  writeFileSync(join(folder, 'broker.lock'), String(process.pid));
  lockedHere.add(file);
  return () => {
    lockedHere.delete(file);
    rmSync(file, { force: true });
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
