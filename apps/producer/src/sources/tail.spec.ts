import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SourcePosition } from './source.ts';
import { tail } from './tail.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-tail-'));
  path = join(folder, 'access.log');
});
afterEach(() => rm(folder, { recursive: true }));

/** Reads until `count` lines have come; between batches `meanwhile` may write on. */
async function read(
  count: number,
  position?: SourcePosition,
  meanwhile: (lines: string[]) => Promise<void> = async () => {},
) {
  const stop = new AbortController();
  const lines: string[] = [];
  let last = position;
  for await (const batch of tail(path).open(position, stop.signal, new Map())) {
    lines.push(...batch.items.map(String));
    last = batch.position;
    if (lines.length >= count) stop.abort();
    else await meanwhile(lines);
  }
  return { lines, position: last };
}

describe('tail', () => {
  it('reads what is there and then what is appended, a half line only when its end has come', async () => {
    await writeFile(path, 'one\ntwo\nthr');
    const { lines } = await read(4, undefined, () => appendFile(path, 'ee\nfour\n'));
    expect(lines).toEqual(['one', 'two', 'three', 'four']);
  });

  it('goes on behind the position of an earlier run', async () => {
    await writeFile(path, 'one\ntwo\nthr');
    const first = await read(2);
    await appendFile(path, 'ee\n');
    expect((await read(1, first.position)).lines).toEqual(['three']);
  });

  it('finishes a rotated file, its last line without a line end included, before it begins the new one', async () => {
    await writeFile(path, 'one\n');
    const { lines } = await read(4, undefined, async (seen) => {
      if (seen.length > 1) return;
      await rename(path, `${path}.1`);
      await appendFile(`${path}.1`, 'two\nthree');
      await writeFile(path, 'four\n');
    });
    expect(lines).toEqual(['one', 'two', 'three', 'four']);
  });

  it('finds a file that was rotated while nobody was reading', async () => {
    await writeFile(path, 'one\n');
    const first = await read(1);
    await appendFile(path, 'two\n');
    await rename(path, `${path}.1`);
    await writeFile(path, 'three\n');
    expect((await read(2, first.position)).lines).toEqual(['two', 'three']);
  });

  it('reads a truncated file from its start', async () => {
    await writeFile(path, 'one\ntwo\n');
    const { lines } = await read(3, undefined, async () => {
      await truncate(path, 0);
      await appendFile(path, 'new\n');
    });
    expect(lines).toEqual(['one', 'two', 'new']);
  });

  it('waits for a file that is not there yet', async () => {
    setTimeout(() => void writeFile(path, 'one\n'), 50);
    expect((await read(1)).lines).toEqual(['one']);
  });
});
