import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { StorageError } from '../errors.ts';
import type { ObjectStore, StoredObject } from './object-store.ts';

const temporary = '.unfinished';

/** Objects as files below a folder, whole and on disk when `create` resolves. */
export function folderStore(folder: string): ObjectStore {
  const root = resolve(folder);
  const pathOf = (key: string): string => join(root, ...key.split('/'));

  return {
    location: root,
    create: (key, bytes) =>
      attempt(root, async () => {
        const path = pathOf(key);
        const unfinished = join(root, temporary, randomUUID());
        await mkdir(dirname(unfinished), { recursive: true });
        await mkdir(dirname(path), { recursive: true });
        try {
          await writeDurably(unfinished, bytes);
          // A link, unlike a rename, fails when the name is taken: two writers cannot both win.
          await link(unfinished, path);
          await syncFolder(dirname(path));
          return true;
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
          throw error;
        } finally {
          await unlink(unfinished).catch(() => undefined);
        }
      }),
    get: (key) =>
      attempt(root, async () => {
        try {
          return await readFile(pathOf(key));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
          throw error;
        }
      }),
    list: (prefix, after) => listFiles(root, prefix, after),
    delete: (keys) =>
      attempt(root, async () => {
        for (const key of keys) await rm(pathOf(key), { force: true });
      }),
    health: () => attempt(root, async () => void (await mkdir(root, { recursive: true }))),
    close: async () => undefined,
  };
}

async function* listFiles(root: string, prefix: string, after = ''): AsyncGenerator<StoredObject> {
  let names;
  try {
    names = await readdir(join(root, ...prefix.split('/')), { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw failure(root, error);
  }
  // By whole keys, as S3 lists them: the folder "a" comes as "a/", after the file "a-b".
  const keys = names
    .filter((entry) => entry.name !== temporary)
    .map((entry) => `${prefix}${entry.name}${entry.isDirectory() ? '/' : ''}`)
    .sort();
  for (const key of keys) {
    if (key.endsWith('/')) yield* listFiles(root, key, after);
    else if (key > after) {
      const found = await stat(join(root, ...key.split('/'))).catch(() => undefined);
      if (found !== undefined) yield { key, bytes: found.size };
    }
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function attempt<Result>(root: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw failure(root, error);
  }
}

function failure(root: string, cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause;
  const { message } = cause as Error;
  return new StorageError(
    'STORAGE_UNAVAILABLE',
    `folder ${root}: ${message}; check that it can be written.`,
    { cause },
  );
}
