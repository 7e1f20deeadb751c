import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LineSplitter } from './line-splitter.ts';
import type { Source, SourceBatch, SourcePosition } from './source.ts';

/** Read at once: large enough to follow a busy log, small enough to keep a transaction short. */
const CHUNK_BYTES = 256 * 1024;
/** A log is looked at this often when nothing new was in it. */
const POLL_MS = 200;

interface OpenFile {
  readonly handle: FileHandle;
  readonly inode: string;
}

/**
 * Follows a file as `tail -F` does: what is there, then what is appended. A rotated file is read to its end before the new
 * one is begun, also when it was rotated while nobody was reading; a truncated file is read from its start again.
 */
export function tail(path: string): Source<Buffer> {
  const file = resolve(path);
  return {
    name: `tail:${file}`,
    description: `following ${path}`,
    open: (position, signal) => follow(file, position, signal),
  };
}

async function* follow(
  path: string,
  position: SourcePosition | undefined,
  signal: AbortSignal,
): AsyncIterable<SourceBatch<Buffer>> {
  let next = position === undefined ? undefined : await findInode(path, String(position.inode));
  let offset = next === undefined ? 0 : Number(position?.offset ?? 0);
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);

  while (!signal.aborted) {
    const file = next ?? (await openWhenThere(path, signal));
    next = undefined;
    if (file === undefined) return;
    try {
      const lines = new LineSplitter();
      let readFrom = offset;
      for (;;) {
        const { bytesRead } = await file.handle.read(chunk, 0, CHUNK_BYTES, readFrom);
        if (bytesRead > 0) {
          readFrom += bytesRead;
          const batch = lines.push(chunk.subarray(0, bytesRead));
          offset = readFrom - lines.pendingBytes;
          if (batch.length > 0) yield { items: batch, position: { inode: file.inode, offset } };
          continue;
        }
        if (signal.aborted) return;
        const state = await whatHappened(path, file, readFrom);
        if (state === 'truncated') break;
        if (state === 'rotated' && (await file.handle.stat()).size <= readFrom) {
          const rest = lines.end();
          if (rest !== undefined) yield { items: [rest], position: { inode: file.inode, offset: readFrom } };
          break;
        }
        if (state === 'same') await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
      }
      offset = 0;
    } finally {
      await file.handle.close();
    }
  }
}

async function whatHappened(
  path: string,
  file: OpenFile,
  readFrom: number,
): Promise<'same' | 'rotated' | 'truncated'> {
  if ((await file.handle.stat()).size < readFrom) return 'truncated';
  try {
    return inodeOf(await stat(path)) === file.inode ? 'same' : 'rotated';
  } catch (error) {
    if (isMissing(error)) return 'same'; // between two steps of a rotation, or removed: wait for the name to come back
    throw error;
  }
}

async function openWhenThere(path: string, signal: AbortSignal): Promise<OpenFile | undefined> {
  while (!signal.aborted) {
    try {
      const handle = await open(path, 'r');
      return { handle, inode: inodeOf(await handle.stat()) };
    } catch (error) {
      if (!isMissing(error)) throw error;
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}

/** The file with that inode, whether it still has its name or was moved aside in the same folder (`access.log.1`). */
async function findInode(path: string, inode: string): Promise<OpenFile | undefined> {
  const folder = dirname(path);
  const names = (await readdir(folder).catch(() => []))
    .filter((name) => name.startsWith(basename(path)))
    .sort();
  for (const name of names) {
    const handle = await open(join(folder, name), 'r').catch(() => undefined);
    if (handle === undefined) continue;
    const stats = await handle.stat();
    if (stats.isFile() && inodeOf(stats) === inode) return { handle, inode };
    await handle.close();
  }
  return undefined;
}

function inodeOf(stats: { dev: number; ino: number }): string {
  return `${stats.dev}:${stats.ino}`;
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
