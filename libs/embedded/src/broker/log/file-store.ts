import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { StorageError } from '../../errors.ts';
import { offsetName, type LogStore, type SegmentBytes } from './log-store.ts';

/** Keeps the segments of a partition as files of a folder: `<first offset>.log` and notes beside them. */
export function fileStore(folder: string): LogStore {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.draft')) rmSync(join(folder, name));
  }
  const path = (baseOffset: number) => join(folder, `${offsetName(baseOffset)}.log`);
  return {
    durable: true,
    segments: () =>
      readdirSync(folder)
        .filter((name) => /^\d{20}\.log$/.test(name))
        .map((name) => Number(name.slice(0, 20)))
        .sort((a, b) => a - b),
    open: (baseOffset) => fileBytes(path(baseOffset)),
    remove: (baseOffset) => rmSync(path(baseOffset), { force: true }),
    draft: (baseOffset) => fileBytes(`${path(baseOffset)}.draft`),
    replace(baseOffset, _draft, modifiedMs) {
      const modified = modifiedMs / 1000;
      utimesSync(`${path(baseOffset)}.draft`, modified, modified);
      renameSync(`${path(baseOffset)}.draft`, path(baseOffset));
      return fileBytes(path(baseOffset));
    },
    notes: () => readdirSync(folder).filter((name) => !name.endsWith('.log')),
    readNote(name) {
      const file = join(folder, name);
      return existsSync(file) ? readFileSync(file) : undefined;
    },
    writeNote: (name, bytes) => writeWhole(join(folder, name), bytes),
    removeNote: (name) => rmSync(join(folder, name), { force: true }),
  };
}

/** Replaces a file by another content, all at once: a reader, or a restart, sees the old or the new one. */
export function writeWhole(file: string, bytes: Uint8Array | string): void {
  writeFileSync(`${file}.draft`, bytes);
  renameSync(`${file}.draft`, file);
}

function fileBytes(file: string): SegmentBytes {
  const descriptor = openSync(file, existsSync(file) ? 'r+' : 'w+');
  const stat = fstatSync(descriptor);
  let byteLength = stat.size;
  let modifiedMs = stat.mtimeMs;
  let open = true;
  return {
    get byteLength() {
      return byteLength;
    },
    get modifiedMs() {
      return modifiedMs;
    },
    append(bytes) {
      try {
        for (let done = 0; done < bytes.length;) {
          done += writeSync(descriptor, bytes, done, bytes.length - done, byteLength + done);
        }
      } catch (cause) {
        ftruncateSync(descriptor, byteLength);
        throw new StorageError(`${bytes.length} bytes could not be written to ${file}`, cause);
      }
      byteLength += bytes.length;
      modifiedMs = Date.now();
    },
    read(position, length) {
      const wanted = Math.max(0, Math.min(length, byteLength - position));
      const bytes = Buffer.allocUnsafeSlow(wanted);
      let done = 0;
      while (done < wanted) {
        const count = readSync(descriptor, bytes, done, wanted - done, position + done);
        if (count === 0) break;
        done += count;
      }
      return bytes.subarray(0, done);
    },
    truncate(length) {
      ftruncateSync(descriptor, length);
      byteLength = length;
    },
    flush: () => fsyncSync(descriptor),
    close() {
      if (open) closeSync(descriptor);
      open = false;
    },
  };
}
