import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../kafka/broker-error.ts';
import { readCheckpoint } from './checkpoint.ts';
import type { Checkpoint, Place } from './checkpoint.ts';
import { CheckpointWriter } from './checkpoint-writer.ts';

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

  /**
   * Takes the place of the task's former checkpoint in one step: whoever reads finds the one or the other, whole. `fill` writes the
   * pieces of the state and says what belongs behind them. Returns the bytes.
   */
  async write(task: string, fill: (writer: CheckpointWriter) => Promise<Checkpoint<Place>>): Promise<number> {
    const path = this.#pathOf(task);
    const unfinished = `${path}.${this.#writer}${temporary}`;
    await mkdir(this.#dir, { recursive: true });
    const writer = await CheckpointWriter.open(unfinished);
    try {
      const bytes = await writer.end(await fill(writer));
      await writer.close();
      await rename(unfinished, path);
      await syncDirectory(this.#dir);
      return bytes;
    } catch (error) {
      await writer.close().catch(() => undefined);
      await rm(unfinished, { force: true });
      throw error;
    }
  }

  /** A task's checkpoint, of which chunks can be read until `close`; a text says why there is none; undefined: there is no file. */
  async read(task: string): Promise<{ checkpoint: Checkpoint; close: () => void } | string | undefined> {
    let file: number;
    try {
      file = openSync(this.#pathOf(task), 'r');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' ? undefined : message;
    }
    const close = () => closeSync(file);
    try {
      const { size } = fstatSync(file);
      const checkpoint = await readCheckpoint({ length: size, read: (place) => readAt(file, place) });
      if (typeof checkpoint === 'object') return { checkpoint, close };
      close();
      return checkpoint;
    } catch (error) {
      close();
      return messageOf(error);
    }
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

function readAt(file: number, [at, length]: Place): Uint8Array {
  const bytes = Buffer.allocUnsafe(length);
  for (let from = 0; from < length;) {
    const read = readSync(file, bytes, from, length - from, at + from);
    if (read === 0) throw new Error(`it ends ${length - from} bytes early`);
    from += read;
  }
  return bytes;
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
