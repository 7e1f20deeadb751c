import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { count, createOperator, sum, tumbling } from '@millrace/windowing';
import { checkDiskState } from './check-disk-state.ts';
import { StateMemory } from './state-memory.ts';
import { clicksPipeline } from '../../integration/harness/clicks.ts';

describe('the memory of windows', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'millrace-memory-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  it('stays within its bounds while many times as much is counted, and every event counts once', async () => {
    const maxBytes = 1024 * 1024;
    const memory = new StateMemory({ dir, group: 'g', writer: 'w', maxBytes });
    const totals = new Map<string, number>();
    const tasks = ['0_0', '0_1'].map((task) => {
      const disk = memory.open(task);
      const operator = createOperator<{ n: number }>(
        {
          window: tumbling({ sizeMs: 1_000 }),
          aggregates: { events: count(), n: sum('n') },
          outOfOrderMs: 10_000,
          trackChanges: true,
          overflow: disk,
        },
        {
          onResult: ({ key, events, n }) => {
            const name = `${task} ${String(key)}`;
            const twice = totals.has(name) ? Infinity : 0;
            totals.set(name, (events as number) * 1_000 + (n as number) + twice);
          },
        },
      );
      disk.attach(operator);
      return { disk, operator };
    });
    const keys = 15_000;
    let most = 0;
    // Each key three times.
    for (let i = 0; i < 3 * keys; i++) {
      for (const { operator } of tasks) operator.add(`key ${(i * 7) % keys}`, i % 1_000, { n: 1 });
      if (i % 1_000 !== 999) continue;
      for (const { operator } of tasks) operator.drainChanges(() => undefined);
      memory.relieve();
      most = Math.max(most, memory.bytes);
    }
    expect(most).toBeLessThanOrEqual(maxBytes);
    const onDisk = tasks.reduce((total, { disk }) => total + disk.diskBytes, 0);
    expect(onDisk).toBeGreaterThan(512 * 1024);
    const { spilled, loaded } = memory.counters;
    expect(spilled).toBeGreaterThan(2 * keys);
    expect(loaded).toBeGreaterThan(0);
    for (const { operator } of tasks) operator.finish();
    expect(totals.size).toBe(2 * keys);
    expect(new Set(totals.values())).toEqual(new Set([3_003]));
    expect(tasks.map(({ disk }) => disk.diskBytes)).toEqual([0, 0]);
    memory.closeAll();
    expect(memory.counters).toEqual({ spilled, loaded });
    expect(await readdir(join(dir, 'g'))).toEqual([]);
  });

  it('is refused where the folder cannot be written to, naming it', async () => {
    const stateDir = join(dir, 'a file', 'state');
    await writeFile(join(dir, 'a file'), '');
    const check = () => checkDiskState(clicksPipeline('clicks'), { maxStateBytes: 64 * 1024, stateDir });
    expect(check).toThrow(`state cannot be kept on disk in "${stateDir}" (ENOTDIR`);
    expect(check).toThrow('let this user write there, or give another stateDir');
    const memory = new StateMemory({ dir: stateDir, group: 'g', writer: 'w', maxBytes: 64 * 1024 });
    expect(() => memory.open('0_0').open()).toThrow(
      `state cannot be kept on disk in "${join(stateDir, 'g')}"`,
    );
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux.each([
    ['a byte of a row is another', (bytes: Buffer) => void (bytes[bytes.indexOf('key 77') + 7]! ^= 1)],
    ['much of the file is gone', (bytes: Buffer) => void bytes.fill(0, bytes.length / 4)],
  ])('tells of a damaged file when %s, and gives nothing wrong', async (_what, damage) => {
    const memory = new StateMemory({ dir, group: 'g', writer: 'damaged', maxBytes: 64 * 1024 });
    const disk = memory.open('0_0');
    const counts = new Set<unknown>();
    const operator = createOperator<object>(
      { window: tumbling({ sizeMs: 1_000 }), aggregates: { n: count() }, trackChanges: true, overflow: disk },
      { onResult: ({ n }) => counts.add(n) },
    );
    disk.attach(operator);
    for (let i = 0; i < 5_000; i++) operator.add(`key ${i}`, 0, {});
    operator.drainChanges(() => undefined);
    memory.relieve();
    // The file has no name, but this process has it open.
    const open = '/proc/self/fd';
    const links = readdirSync(open).flatMap((fd) => {
      try {
        return readlinkSync(join(open, fd)).includes(`${encodeURIComponent('0_0 damaged')}.`) ? [fd] : [];
      } catch {
        return [];
      }
    });
    expect(links).toHaveLength(1);
    const path = join(open, links[0]!);
    const bytes = readFileSync(path);
    damage(bytes);
    const file = openSync(path, 'r+');
    writeSync(file, bytes, 0, bytes.length, 0);
    closeSync(file);
    expect(() => operator.finish()).toThrow(
      expect.objectContaining({
        code: 'STREAMS_STATE',
        message: expect.stringContaining(
          `cannot be read from disk again in "${join(dir, 'g')}"`,
        ) as unknown as string,
      }),
    );
    expect([...counts].filter((n) => n !== 1)).toEqual([]);
    memory.closeAll();
  });

  it('is refused where it cannot be kept to, saying why', () => {
    const clicks = clicksPipeline('clicks');
    const refusal = (request: Parameters<typeof checkDiskState>[1], definition: typeof clicks = clicks) => {
      try {
        checkDiskState(definition, request);
        return 'none';
      } catch (error) {
        return (error as Error).message;
      }
    };
    const maxStateBytes = 64 * 1024 * 1024;
    expect(refusal({})).toBe('none');
    expect(refusal({ maxStateBytes, stateDir: dir })).toBe('none');
    expect(refusal({ maxStateBytes })).toContain('give stateDir');
    expect(refusal({ maxStateBytes: 1_000, stateDir: dir })).toContain('from 16384 to');
    expect(refusal({ maxStateBytes: 20_000, stateDir: dir, workers: 2 })).toContain('from 32768 to');
    const view = clicks.views.per_user;
    const counts = {
      ...clicks,
      views: { ...clicks.views, s: { ...view, window: { type: 'count', size: 5 } } },
    };
    expect(refusal({ maxStateBytes, stateDir: dir }, counts as unknown as typeof clicks)).toContain(
      'view "s" (count windows)',
    );
  });
});
