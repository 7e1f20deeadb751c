import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAccessLog } from './access-log.ts';

describe('openAccessLog', () => {
  let folder: string;
  let path: string;
  const linesOf = async (file: string) => (await readFile(file, 'utf8')).trimEnd().split('\n');

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'access-log-'));
    path = join(folder, 'deep', 'access.log');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('writes lines in the order they came, behind those of an earlier run', async () => {
    for (const run of [0, 1]) {
      const log = await openAccessLog(path, 1e6);
      for (let index = 0; index < 500; index++) log.write(`${run}/${index}`);
      await log.close();
    }
    const expected = [0, 1].flatMap((run) => Array.from({ length: 500 }, (_, index) => `${run}/${index}`));
    expect(await linesOf(path)).toEqual(expected);
  });

  it('moves a full file aside and loses no line of the last two', async () => {
    const log = await openAccessLog(path, 100);
    for (let index = 0; index < 3; index++) {
      log.write(`${index}`.padEnd(99, '.'));
      await log.flush();
    }
    await log.close();
    expect((await linesOf(`${path}.1`)).map((line) => line[0])).toEqual(['1']);
    expect((await linesOf(path)).map((line) => line[0])).toEqual(['2']);
    expect(log.lost.lines).toBe(0);
  });

  it('begins a new file when somebody else moved the old one away', async () => {
    const log = await openAccessLog(path, 1e6);
    log.write('before');
    await log.flush();
    await rename(path, `${path}.old`);
    log.write('after');
    await log.close();
    expect(await linesOf(`${path}.old`)).toEqual(['before']);
    expect(await linesOf(path)).toEqual(['after']);
  });

  it('counts what it could not write, and goes on when it can again', async () => {
    const log = await openAccessLog(path, 1e6);
    await rm(join(folder, 'deep'), { recursive: true });
    log.write('nowhere to go');
    await log.flush();
    expect(log.lost).toEqual({ lines: 1, reason: expect.stringContaining('ENOENT') });
    await log.close();
    log.write('too late');
    expect(log.lost.lines).toBe(2);
  });
});
