import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';

/** A file that a writer left half written when it was killed is of no use after this long: none takes an hour. */
const leftoverMs = 3_600_000;
const temporary = '.tmp';

/** Checkpoints as files of one folder, one a task; several processes may share it. */
export class CheckpointFiles {
  readonly #dir: string;
  readonly #writer: string;

  /** @param writer a name that no other process of the folder has */
  constructor(dir: string, writer: string) {
    this.#dir = dir;
    this.#writer = encodeURIComponent(writer);
  }

  /** Takes the place of the task's former checkpoint in one step: whoever reads finds the one or the other, whole. */
  async write(checkpoint: Checkpoint): Promise<number> {
    const path = this.#pathOf(checkpoint.owner.task);
    const unfinished = `${path}.${this.#writer}${temporary}`;
    const pieces = encodeCheckpoint(checkpoint);
    await mkdir(this.#dir, { recursive: true });
    const file = await open(unfinished, 'w', 0o600);
    try {
      let bytes = 0;
      for (const piece of pieces) {
        await file.writeFile(piece);
        bytes += piece.length;
      }
      await file.sync();
      await file.close();
      await rename(unfinished, path);
      await syncDirectory(this.#dir);
      return bytes;
    } catch (error) {
      await file.close().catch(() => undefined);
      await rm(unfinished, { force: true });
      throw error;
    }
  }

  /** A task's checkpoint; a text says why there is none that can be read; undefined: there is no file. */
  async read(task: string): Promise<Checkpoint | string | undefined> {
    const bytes = await readFile(this.#pathOf(task)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      return error.message;
    });
    return typeof bytes === 'object' ? decodeCheckpoint(bytes) : bytes;
  }

  async remove(task: string): Promise<void> {
    await rm(this.#pathOf(task), { force: true });
  }

  /** Removes what writers that were killed have left. */
  async clean(nowMs: number): Promise<void> {
    const names = await readdir(this.#dir).catch(() => []);
    for (const name of names.filter((one) => one.endsWith(temporary))) {
      const path = join(this.#dir, name);
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined && nowMs - found.mtimeMs > leftoverMs) await rm(path, { force: true });
    }
  }

  #pathOf(task: string): string {
    return join(this.#dir, `${task}.checkpoint`);
  }
}

/** Makes a rename last. */
async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open folders; its renames last by themselves.
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
