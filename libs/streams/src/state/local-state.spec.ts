import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newCounters } from '../runtime/counters.ts';
import { CheckpointFiles } from './checkpoint-files.ts';
import type { KeepPiece } from './checkpoint.ts';
import { LocalState, maxCheckpointAgeMs } from './local-state.ts';

const owner = {
  group: 'g/1',
  task: '0_3',
  changelog: 'p.clicks.changelog',
  topicId: 'id',
  partition: 3,
  stamp: '{"version":1}',
};
const chunks = [Buffer.from('one'), Buffer.alloc(100_000, 7)];
const bucket = { number: 60_000, first: 3, next: 9, wholeBytes: 12, newBytes: 7 };
const checkpointBy = (keep: KeepPiece) => ({
  owner,
  state: {
    watermarks: '{}',
    views: [
      { view: 'v', buckets: [{ ...bucket, chunks: chunks.map(keep) }], meta: keep(Buffer.from('meta')) },
    ],
  },
  offset: 77,
  writtenMs: 1_000,
});
const bounds = { start: 0, end: 100 };

describe('checkpoints on disk', () => {
  let dir: string;
  const counters = newCounters();
  const reasons: unknown[] = [];
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'millrace-state-'));
    counters.checkpointsRefused = 0;
    reasons.length = 0;
  });
  afterEach(() => rm(dir, { recursive: true }));

  const stateAt = (nowMs: number) =>
    new LocalState({
      ...{ dir, group: owner.group, writer: 'w', intervalMs: 1, counters },
      now: () => nowMs,
      onEvent: ({ reason }) => reasons.push(reason),
    });
  const path = () => join(dir, 'g%2F1', '0_3.checkpoint');
  const written = async () => {
    await new CheckpointFiles(join(dir, 'g%2F1'), 'w').write(owner.task, async ({ keep }) =>
      checkpointBy(keep),
    );
    return readFile(path());
  };

  it('come back as they were written', async () => {
    await written();
    const copy = await stateAt(2_000).load(owner, bounds);
    expect(copy?.nextOffset).toBe(77);
    const saved = [...copy!.savedBuckets('v')].map((one) => ({ ...one, chunks: [...one.chunks] }));
    expect(saved).toEqual([{ ...bucket, chunks }]);
    expect(copy!.values.get('v/meta')?.toString()).toBe('meta');
    copy!.close();
    expect(await readdir(join(dir, 'g%2F1'))).toEqual(['0_3.checkpoint']);
  });

  it('are read to the end also when another has taken their place meanwhile', async () => {
    await written();
    const copy = await stateAt(2_000).load(owner, bounds);
    await new CheckpointFiles(join(dir, 'g%2F1'), 'w').write(owner.task, async ({ keep }) => {
      keep(Buffer.alloc(200_000));
      return { ...checkpointBy(keep), offset: 78 };
    });
    expect([...copy!.savedBuckets('v')].map((one) => [...one.chunks])).toEqual([chunks]);
    copy!.close();
    expect((await stateAt(2_000).load(owner, bounds))?.nextOffset).toBe(78);
  });

  it('are nothing where there are none', async () => {
    expect(await stateAt(0).load(owner, bounds)).toBeUndefined();
    expect(counters.checkpointsRefused).toBe(0);
  });

  it('are refused, counted and removed when any byte of them is another, or missing', async () => {
    const whole = await written();
    const damaged = [0, 9, 13, 17, 30, whole.length - 1].map((at) => {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 1;
      return bytes;
    });
    for (const bytes of [
      ...damaged,
      ...[0, 5, 19, 40, whole.length - 1].map((end) => whole.subarray(0, end)),
    ]) {
      await writeFile(path(), bytes);
      expect(await stateAt(2_000).load(owner, bounds)).toBeUndefined();
      await expect(readFile(path())).rejects.toThrow('ENOENT');
    }
    expect(counters.checkpointsRefused).toBe(11);
  });

  it('are refused when they are of another task, definition or topic, or do not fit the changelog', async () => {
    const refused = async (changed: Partial<typeof owner>, limits = bounds, nowMs = 2_000) => {
      await written();
      expect(await stateAt(nowMs).load({ ...owner, ...changed }, limits)).toBeUndefined();
      return reasons.at(-1);
    };
    expect(await refused({ stamp: 'other' })).toMatch(/its stamp is .*, not other/);
    expect(await refused({ partition: 4 })).toMatch(/its partition is 3, not 4/);
    expect(await refused({ topicId: 'new' })).toMatch(/deleted and made again/);
    expect(await refused({}, { start: 78, end: 100 })).toMatch(/offset 77, where the changelog begins at 78/);
    expect(await refused({}, { start: 0, end: 76 })).toMatch(/behind the changelog's end 76/);
    expect(await refused({}, bounds, 1_001 + maxCheckpointAgeMs)).toMatch(/ms old/);
    expect(counters.checkpointsRefused).toBe(6);
  });

  it('says of a later form that it cannot read it', async () => {
    const bytes = await written();
    bytes.writeUInt32BE(3, 8);
    await writeFile(path(), bytes);
    expect(await stateAt(2_000).load(owner, bounds)).toBeUndefined();
    expect(reasons).toEqual(['it is in form 3, this release reads form 2']);
  });

  it('that were left half written are removed once their writer cannot be there any more', async () => {
    await written();
    const [old, fresh] = [`${path()}.x.tmp`, `${path()}.y.tmp`];
    for (const file of [old, fresh]) await writeFile(file, '');
    await utimes(old, 0, 0);
    await new CheckpointFiles(join(dir, 'g%2F1'), 'w').clean(Date.now());
    expect((await readdir(join(dir, 'g%2F1'))).sort()).toEqual(['0_3.checkpoint', '0_3.checkpoint.y.tmp']);
  });
});
