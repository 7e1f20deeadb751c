import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { waitUntil } from './health.ts';
import { findRunning, startDetached, stopRunning } from './running.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-running-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a detached process', () => {
  it('is found again by its folder, writes its log there, and is stopped with its children', async () => {
    const dir = join(folder, 'one');
    const args = ['-c', 'sleep 60 & echo $! > child; echo started; wait'];
    const { pid } = await startDetached(dir, { file: 'sh', args });
    expect(findRunning(dir)).toEqual({ pid });
    const log = async (): Promise<boolean> => readFileSync(join(dir, 'log'), 'utf8') === 'started\n';
    expect(await waitUntil(log, { timeoutMs: 10_000 })).toBe(true);
    expect(await stopRunning(dir)).toBe(true);
    expect(findRunning(dir)).toBeUndefined();
    const child = Number(readFileSync(join(dir, 'child'), 'utf8'));
    const ended = async (): Promise<boolean> => {
      const stat = join('/proc', String(child), 'stat');
      return !existsSync(stat) || readFileSync(stat, 'utf8').includes(') Z ');
    };
    expect(await waitUntil(ended, { timeoutMs: 10_000 })).toBe(true);
    expect(await stopRunning(dir)).toBe(false);
  });

  it('is not taken for another one that got its id', async () => {
    const dir = join(folder, 'two');
    await startDetached(dir, { file: 'true', args: [] });
    writeFileSync(join(dir, 'pid'), `${process.pid} 1\n`);
    expect(findRunning(dir)).toBeUndefined();
    expect(await stopRunning(dir)).toBe(false);
    expect(existsSync(join(dir, 'pid'))).toBe(false);
  });

  it('says which program is missing', async () => {
    const start = startDetached(join(folder, 'three'), { file: 'no-such-program', args: [] });
    await expect(start).rejects.toThrow(/no-such-program/);
  });
});
