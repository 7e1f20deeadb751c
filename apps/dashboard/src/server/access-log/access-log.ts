import { mkdir, open, rename, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Lines waiting for a disk that does not keep up; more are dropped and counted, since memory has an end too. */
const MAX_WAITING_LINES = 10_000;

/** A log file that only grows at its end, until it is moved aside at `maxBytes`. */
export interface AccessLog {
  /** Takes `line` (without line end) at once; it reaches the file in order, soon after. */
  write(line: string): void;
  /** Lines that could not be written, and why the last one could not. */
  readonly lost: { readonly lines: number; readonly reason: string | undefined };
  /** Resolves when all lines taken so far are written or lost. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens `path` for appending, making its folder. At `maxBytes` the file becomes `path.1` (replacing an older one) and
 * a new one begins, so that at most two are kept. A file that somebody else moved away (logrotate) is followed by a
 * new one at the next write.
 */
export async function openAccessLog(path: string, maxBytes: number): Promise<AccessLog> {
  await mkdir(dirname(path), { recursive: true });
  const waiting: string[] = [];
  const lost = { lines: 0, reason: undefined as string | undefined };
  let file: FileHandle | undefined = await open(path, 'a');
  let writing: Promise<void> | undefined;
  let closed = false;

  async function currentFile(): Promise<FileHandle> {
    if (file !== undefined) {
      const [ours, atPath] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
      const moved = atPath?.ino !== ours.ino;
      if (!moved && ours.size < maxBytes) return file;
      if (!moved) await rename(path, `${path}.1`);
      await file.close();
      file = undefined;
    }
    return (file = await open(path, 'a'));
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const lines = waiting.splice(0);
      try {
        await (await currentFile()).appendFile(lines.join('\n') + '\n');
      } catch (error) {
        lost.lines += lines.length;
        lost.reason = String(error);
      }
    }
    writing = undefined;
  }

  return {
    lost,
    write(line) {
      if (closed || waiting.length >= MAX_WAITING_LINES) {
        lost.lines++;
        lost.reason = closed ? 'the log is closed' : 'the disk does not keep up';
        return;
      }
      waiting.push(line);
      writing ??= drain();
    },
    async flush() {
      await writing;
    },
    async close() {
      closed = true;
      await writing;
      await file?.close();
      file = undefined;
    },
  };
}
