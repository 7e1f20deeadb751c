import { mkdtemp, readdir, rm } from 'node:fs/promises';
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
    expect(refusal({ maxStateBytes: 1_000, stateDir: dir })).toContain('from 1048576 to');
    expect(refusal({ maxStateBytes: 1024 * 1024, stateDir: dir, workers: 2 })).toContain('from 2097152 to');
    const view = clicks.views.per_user;
    const sessions = {
      ...clicks,
      views: { ...clicks.views, s: { ...view, window: { type: 'session', gapMs: 5 } } },
    };
    expect(refusal({ maxStateBytes, stateDir: dir }, sessions as typeof clicks)).toContain(
      'view "s" (session windows)',
    );
    const read = {
      ...clicks,
      views: { ...clicks.views, per_user: { ...view, graceMs: 5 }, r: { from: 'per_user' } },
    };
    expect(refusal({ maxStateBytes, stateDir: dir }, read as unknown as typeof clicks)).toContain('graceMs');
  });
});
