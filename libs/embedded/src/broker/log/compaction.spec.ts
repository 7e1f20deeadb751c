import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compact } from './compaction.ts';
import { fileStore } from './file-store.ts';
import { memoryStore } from './memory-store.ts';
import type { PartitionLog } from './partition-log.ts';
import { append, appendEnd, contents, openLog } from './test-log.ts';

const NOW_MS = 1_000_000;
const SETTINGS = { 'cleanup.policy': 'compact', 'segment.bytes': '400', 'min.cleanable.dirty.ratio': '0.01' };
const never = () => false;

function tableOf(lines: readonly string[]): Map<string, string> {
  return new Map(lines.map((line) => line.slice(line.indexOf(':') + 1).split('=') as [string, string]));
}

const run = (log: PartitionLog, nowMs = NOW_MS) => compact(log, { nowMs, isStopped: never });

describe('compact', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-compact-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('keeps the last record of each key at its offset, for any records and restarts', async () => {
    const step = fc.oneof(
      fc.record({ key: fc.nat(5), value: fc.option(fc.nat(99)), count: fc.integer({ min: 1, max: 4 }) }),
      fc.constantFrom('compact', 'open again' as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const path = mkdtempSync(join(folder, 'run-'));
        let log = openLog(fileStore(path), SETTINGS, () => NOW_MS);
        const written = new Map<string, string>();
        for (const one of steps) {
          if (one === 'compact') await run(log);
          else if (one === 'open again') {
            log.close();
            log = openLog(fileStore(path), SETTINGS, () => NOW_MS);
          } else {
            const value = one.value === null ? null : String(one.value);
            append(
              log,
              Array.from({ length: one.count }, () => ({ key: `k${one.key}`, value })),
            );
            written.set(`k${one.key}`, String(value));
          }
        }
        await run(log);
        const lines = contents(log);
        const offsets = lines.map((line) => Number.parseInt(line, 10));
        expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
        expect(tableOf(lines)).toEqual(written);
        log.close();
      }),
      { numRuns: 40 },
    );
  });

  it('makes a log of few keys small, merging its segments', async () => {
    const log = openLog(
      memoryStore(() => NOW_MS),
      SETTINGS,
    );
    for (let n = 0; n < 200; n++) append(log, [{ key: `k${n % 3}`, value: `${n}` }]);
    const before = log.segments.length;
    await run(log);
    expect(log.segments.length).toBeLessThan(before / 10);
    expect(contents(log).length).toBeLessThan(12);
    expect(log.nextOffset).toBe(200);
  });

  it('drops aborted records and markers, and shows what was committed as plain records', async () => {
    const log = openLog(
      memoryStore(() => NOW_MS),
      SETTINGS,
    );
    for (let n = 0; n < 30; n++) {
      const options = { producerId: 7, producerEpoch: 0, transactional: true, baseSequence: n };
      append(log, [{ key: `k${n % 10}`, value: `${n}` }], options);
      appendEnd(log, 7, n % 3 === 0 ? 'abort' : 'commit');
    }
    const seen = tableOf(contents(log, { committedOnly: true }));
    await run(log);
    expect(tableOf(contents(log, { committedOnly: true }))).toEqual(seen);
    const plain = contents(log).filter((line) => Number.parseInt(line, 10) < log.active.baseOffset);
    expect(tableOf(plain).size).toBe(plain.length);
  });

  it('leaves everything from the first open transaction on as it is', async () => {
    const log = openLog(
      memoryStore(() => NOW_MS),
      SETTINGS,
    );
    append(log, [{ value: 'open' }], {
      producerId: 7,
      producerEpoch: 0,
      transactional: true,
      baseSequence: 0,
    });
    for (let n = 0; n < 50; n++) append(log, [{ value: `${n}` }]);
    await run(log);
    expect(contents(log)).toHaveLength(51);
  });

  it('drops tombstones once readers have had delete.retention.ms to see them', async () => {
    const settings = { ...SETTINGS, 'delete.retention.ms': '5000' };
    const log = openLog(
      memoryStore(() => NOW_MS),
      settings,
    );
    append(log, [{ key: 'gone', value: 'x' }]);
    append(log, [{ key: 'gone', value: null }]);
    for (let n = 0; n < 20; n++) append(log, [{ value: `${n}` }]);
    await run(log);
    expect(contents(log).some((line) => line.includes('gone=null'))).toBe(true);
    for (let n = 0; n < 20; n++) append(log, [{ value: `${n}` }]);
    await run(log, NOW_MS + 5001);
    expect(contents(log).some((line) => line.includes('gone'))).toBe(false);
  });

  it('waits until enough of the log is new, and stops when told to', async () => {
    const log = openLog(
      memoryStore(() => NOW_MS),
      { ...SETTINGS, 'min.cleanable.dirty.ratio': '1.1' },
    );
    for (let n = 0; n < 20; n++) append(log, [{ value: `${n}` }]);
    await run(log);
    expect(contents(log)).toHaveLength(20);
    const stopped = openLog(
      memoryStore(() => NOW_MS),
      SETTINGS,
    );
    for (let n = 0; n < 20; n++) append(stopped, [{ value: `${n}` }]);
    await compact(stopped, { nowMs: NOW_MS, isStopped: () => true });
    expect(contents(stopped)).toHaveLength(20);
  });
});
