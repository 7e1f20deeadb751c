import { writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { checkpointEnd, checkpointStart } from './checkpoint.ts';
import type { Checkpoint, Place } from './checkpoint.ts';

/** Writes a checkpoint piece by piece, so that it never is in memory as a whole. */
export class CheckpointWriter {
  readonly #file: FileHandle;
  #crc = crc32(checkpointStart);
  #bytes = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(path: string): Promise<CheckpointWriter> {
    const file = await open(path, 'w', 0o600);
    writeAll(file, checkpointStart);
    return new CheckpointWriter(file);
  }

  /** Writes a piece before it returns. */
  readonly keep = (bytes: Uint8Array): Place => {
    writeAll(this.#file, bytes);
    return this.#took(bytes);
  };

  /** Writes a piece while other work goes on. */
  async append(bytes: Uint8Array): Promise<Place> {
    await this.#file.writeFile(bytes);
    return this.#took(bytes);
  }

  /** Writes what belongs behind the pieces and makes it last; returns how large it is. */
  async end(checkpoint: Checkpoint<Place>): Promise<number> {
    const end = checkpointEnd(checkpoint, this.#crc);
    await this.#file.writeFile(end);
    await this.#file.sync();
    return checkpointStart.length + this.#bytes + end.length;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #took(bytes: Uint8Array): Place {
    const at = this.#bytes;
    this.#crc = crc32(bytes, this.#crc);
    this.#bytes += bytes.length;
    return [at, bytes.length];
  }
}

function writeAll({ fd }: FileHandle, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}
