import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fileStore } from './file-store.ts';
import { memoryStore } from './memory-store.ts';
import type { LogStore } from './log-store.ts';
import { applyRetention } from './retention.ts';
import { append, appendEnd, contents, openLog } from './test-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const stores: Record<string, () => LogStore> = {
  files: () => fileStore(folder),
  memory: () => memoryStore(() => 1_000_000),
};
const SMALL = { 'segment.bytes': '300' };
const producer = { producerId: 7, producerEpoch: 0, transactional: true };

for (const [name, open] of Object.entries(stores)) {
  describe(`PartitionLog in ${name}`, () => {
    it('reads every offset across segments', () => {
      const log = openLog(open(), SMALL);
      for (let n = 0; n < 40; n += 2) append(log, [{ value: `${n}` }, { value: `${n + 1}` }]);
      expect(log.segments.length).toBeGreaterThan(5);
      const all = Array.from({ length: 40 }, (_, n) => `${n}:k=${n}`);
      for (const from of [0, 1, 17, 39]) expect(contents(log, { from })).toEqual(all.slice(from));
      expect(contents(log, { from: 40 })).toEqual([]);
    });

    it('names aborted transactions by where they began, not by when they ended', () => {
      const log = openLog(open());
      const other = { ...producer, producerId: 8 };
      append(log, [{ value: 'a' }], { ...producer, baseSequence: 0 });
      append(log, [{ value: 'b' }], { ...other, baseSequence: 0 });
      appendEnd(log, 8, 'abort');
      appendEnd(log, 7, 'abort');
      const firstOffsets = log.producers.abortedBetween(0, 4).map(({ firstOffset }) => firstOffset);
      expect(firstOffsets).toEqual([0, 1]);
    });

    it('reads up to the first open transaction, and leaves aborted ones out', () => {
      const log = openLog(open());
      append(log, [{ value: 'a' }], { ...producer, baseSequence: 0 });
      appendEnd(log, 7, 'abort');
      append(log, [{ value: 'b' }], { ...producer, baseSequence: 1 });
      append(log, [{ value: 'c' }]);
      expect([log.lastStableOffset, contents(log, { committedOnly: true })]).toEqual([2, []]);
      appendEnd(log, 7, 'commit');
      expect(contents(log, { committedOnly: true })).toEqual(['2:k=b', '3:k=c']);
      expect(log.lastStableOffset).toBe(5);
    });

    it('finds the first record at a time, in whatever order times come', () => {
      const log = openLog(open(), SMALL);
      const times = [50, 10, 40, 90, 20, 90, 120, 60];
      for (const timestampMs of times) append(log, [{ value: 'x'.repeat(50), timestampMs }]);
      for (let wanted = 0; wanted <= 130; wanted += 5) {
        const expected = times.findIndex((time) => time >= wanted);
        expect([wanted, log.offsetForTime(wanted)?.offset ?? -1]).toEqual([wanted, expected]);
      }
      expect(log.offsetForMaxTime()).toEqual({ offset: 6, timestampMs: 120 });
    });

    it('forgets what is before its start offset, and whole segments of it', () => {
      const log = openLog(open(), SMALL);
      for (let n = 0; n < 20; n++) append(log, [{ value: 'x'.repeat(80) }]);
      const before = log.byteLength;
      log.deleteBefore(15);
      expect(log.startOffset).toBe(15);
      expect(log.byteLength).toBeLessThan(before / 2);
      expect(contents(log)).toHaveLength(5);
    });

    it('removes segments whose newest record is too old, the active one too, and keeps counting', () => {
      const log = openLog(open(), { ...SMALL, 'retention.ms': '1000' });
      for (let n = 0; n < 10; n++) append(log, [{ value: 'x'.repeat(80), timestampMs: n < 8 ? 0 : 5000 }]);
      applyRetention(log, 5500);
      expect([log.startOffset <= 8, contents(log).length <= 4]).toEqual([true, true]);
      applyRetention(log, 6001);
      expect([log.startOffset, log.nextOffset, contents(log)]).toEqual([10, 10, []]);
      expect(append(log, [{ value: 'next' }])).toBe(10);
    });

    it('keeps records of open transactions whatever their age', () => {
      const log = openLog(open(), { 'retention.ms': '1000' });
      append(log, [{ value: 'x', timestampMs: 0 }], { ...producer, baseSequence: 0 });
      applyRetention(log, 1e9);
      expect(log.startOffset).toBe(0);
    });
  });
}

describe('PartitionLog, opened again', () => {
  const files = (ending: string) => readdirSync(folder).filter((name) => name.endsWith(ending));

  it('goes on where it was closed, producers and start offset included', () => {
    const first = openLog(fileStore(folder), SMALL);
    for (let n = 0; n < 20; n++) append(first, [{ value: 'x'.repeat(50) }], { ...producer, baseSequence: n });
    first.deleteBefore(5);
    first.close();
    const again = openLog(fileStore(folder), SMALL);
    expect([again.startOffset, again.nextOffset, again.lastStableOffset]).toEqual([5, 20, 0]);
    expect(again.producers.hasOpenTransaction(7)).toBe(true);
    again.close();
  });

  it('knows as much after a crash, with or without its notes', () => {
    const first = openLog(fileStore(folder), SMALL);
    append(first, [{ value: 'gone' }], { ...producer, baseSequence: 0 });
    appendEnd(first, 7, 'abort');
    for (let n = 1; n < 20; n++) append(first, [{ value: 'x'.repeat(50) }], { ...producer, baseSequence: n });
    for (const forget of ['nothing', '.index', '.producers']) {
      for (const name of files(forget)) rmSync(join(folder, name));
      const again = openLog(fileStore(folder), SMALL);
      expect([forget, again.nextOffset, again.lastStableOffset]).toEqual([forget, 21, 2]);
      expect(again.producers.abortedBetween(0, 21)).toEqual([
        { producerId: 7, firstOffset: 0, lastOffset: 1 },
      ]);
      expect(contents(again)).toHaveLength(20);
    }
  });

  it('cuts off a torn tail, wherever it was torn', () => {
    const first = openLog(fileStore(folder));
    for (const value of ['one', 'two', 'three']) append(first, [{ value }]);
    const file = join(folder, files('.log')[0]!);
    const whole = readFileSync(file);
    const size = whole.length / 3;
    for (let length = Math.ceil(2 * size); length < whole.length; length += 7) {
      writeFileSync(file, whole);
      truncateSync(file, length);
      const again = openLog(fileStore(folder));
      expect(contents(again)).toEqual(['0:k=one', '1:k=two'].slice(0, again.nextOffset));
      expect(again.nextOffset).toBeGreaterThanOrEqual(1);
      expect(append(again, [{ value: 'next' }])).toBe(again.nextOffset - 1);
    }
  });

  it('cuts off what was damaged or never a batch', () => {
    const first = openLog(fileStore(folder));
    for (const value of ['one', 'two']) append(first, [{ value }]);
    const file = join(folder, files('.log')[0]!);
    appendFileSync(file, Buffer.alloc(5000));
    expect(openLog(fileStore(folder)).nextOffset).toBe(2);
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
    expect(openLog(fileStore(folder)).nextOffset).toBe(1);
  });
});
