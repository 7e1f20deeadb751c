import { crc32 } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { count, createOperator, session, StreamJoin, sum, tumbling } from '@millrace/windowing';
import type { Operator, Window } from '@millrace/windowing';
import { StateLog } from './state-log.ts';
import type { ChangelogOutput, StateRecord } from './state-log.ts';
import { metaKeyOf, parseStateKey } from './state-log.ts';
import { checkpointEnd, checkpointStart, readCheckpoint } from './checkpoint.ts';
import type { Checkpoint, KeepPiece, Place, SavedView } from './checkpoint.ts';
import { StateCopy } from './state-copy.ts';

const seed = Number(process.env['MILLRACE_TEST_SEED'] ?? Date.now() % 1_000_000);

function randomFrom(start: number): (below: number) => number {
  let state = start >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A changelog in memory. */
class Log implements ChangelogOutput {
  readonly records: { readonly key: string; readonly value: Buffer | null }[] = [];

  append(_timestampMs: number, key: Uint8Array | null, value: Uint8Array | null): void {
    this.records.push({
      key: Buffer.from(key!).toString(),
      value: value === null ? null : Buffer.from(value),
    });
  }

  /** What compaction may leave at the least, tombstones included. */
  compactedFrom(offset: number) {
    const tail = this.records.slice(offset);
    return tail.filter(({ key }, at) => tail.findLastIndex((other) => other.key === key) === at);
  }
}

/** An engine and its state log, which can be fed and asked for what it gave. */
interface Subject {
  readonly log: StateLog;
  readonly given: unknown[];
  feed(random: (below: number) => number, timeMs: number): void;
}

function windows(window: Window<{ n: number }>): Subject {
  const given: unknown[] = [];
  const operator: Operator<{ n: number }> = createOperator<{ n: number }>(
    { window, aggregates: { rows: count(), total: sum('n') }, graceMs: 300, trackChanges: true },
    { onResult: (result) => given.push({ ...result }), onBucketClosed: (bucket) => log.closed(bucket) },
  );
  const log = new StateLog('view', operator);
  return {
    log,
    given,
    feed: (random, timeMs) => {
      operator.add(`k${random(8)}`, timeMs, { n: random(100) }, 0);
    },
  };
}

function join(): Subject {
  const given: unknown[] = [];
  const operator = new StreamJoin<{ n: number }, { n: number }>(
    { type: 'outer', beforeMs: 200, afterMs: 100, graceMs: 0, trackChanges: true },
    { onRow: (row) => given.push(structuredClone(row)) },
  );
  return {
    log: new StateLog('view', operator),
    given,
    feed: (random, timeMs) => {
      const add = random(2) === 0 ? 'addLeft' : 'addRight';
      operator[add](`k${random(8)}`, timeMs, { n: random(100) });
    },
  };
}

const subjects: [string, () => Subject][] = [
  ['tumbling windows', () => windows(tumbling({ sizeMs: 500 }))],
  ['sessions', () => windows(session({ gapMs: 80 }))],
  ['a join', join],
];

const owner = { group: 'g', task: '0_0', changelog: 'c', topicId: 't', partition: 0, stamp: 's' };

/** Written and read again. */
async function checkpointOf(
  save: (keep: KeepPiece) => SavedView<Place>,
  offset: number,
): Promise<Checkpoint> {
  const pieces: Uint8Array[] = [checkpointStart];
  let at = 0;
  const view = save((bytes) => {
    pieces.push(bytes.slice());
    return [(at += bytes.length) - bytes.length, bytes.length];
  });
  const written = { owner, state: { views: [view], watermarks: '' }, offset, writtenMs: 0 };
  const crc = pieces.reduce((sum, piece) => crc32(piece, sum), 0);
  const bytes = Buffer.concat([...pieces, checkpointEnd(written, crc)]);
  const read = ([from, length]: Place) => bytes.subarray(from, from + length);
  return (await readCheckpoint({ length: bytes.length, read })) as Checkpoint;
}

function restore(log: StateLog, copy: StateCopy): void {
  const records = [...copy.values].map(([key, bytes]): StateRecord => ({ ...parseStateKey(key)!, bytes }));
  log.restore(records, copy.savedBuckets('view'));
}

describe('a copy of a state', () => {
  it.each(subjects)(
    'from a checkpoint and what came after it is that of the whole changelog: %s',
    async (_name, make) => {
      for (let round = 0; round < 8; round++) {
        const random = randomFrom(seed + round);
        const changelog = new Log();
        const running = make();
        const commits = 20 + random(150);
        const savedAt = random(commits);
        let checkpoint: Checkpoint | undefined;
        let timeMs = 0;
        const step = (subject: Subject, next: (below: number) => number) => {
          for (let events = next(30); events > 0; events--)
            subject.feed(next, (timeMs += next(20)) - next(50));
        };
        for (let commit = 0; commit < commits; commit++) {
          step(running, random);
          running.log.flush(changelog, 0);
          if (commit === savedAt)
            checkpoint = await checkpointOf((keep) => running.log.save(keep), changelog.records.length);
        }
        const offset = checkpoint!.offset;
        const tails = [changelog.records.slice(offset), changelog.compactedFrom(offset)];
        const whole = make();
        const all = new StateCopy();
        for (const { key, value } of changelog.records) all.apply(key, value);
        restore(whole.log, all);
        const others = tails.map((tail) => {
          const copy = new StateCopy(checkpoint);
          for (const { key, value } of tail) copy.apply(key, value);
          const subject = make();
          restore(subject.log, copy);
          return subject;
        });
        const restoredMs = timeMs;
        const outcomes = [running, whole, ...others].map((subject) => {
          subject.given.length = 0;
          timeMs = restoredMs;
          const after = new Log();
          const next = randomFrom(seed + round + 1_000);
          for (let commit = 0; commit < 40; commit++) {
            step(subject, next);
            subject.log.flush(after, 0);
          }
          return { given: [...subject.given].map((one) => JSON.stringify(one)).sort() };
        });
        for (const outcome of outcomes.slice(1))
          expect({ seed, round, ...outcome }).toEqual({ seed, round, ...outcomes[0] });
      }
    },
  );

  it('leaves out a bucket that was closed, or written anew, behind the checkpoint', async () => {
    const bucket = { number: 5, first: 2, next: 4, wholeBytes: 0, newBytes: 0, chunks: [] };
    const checkpoint = await checkpointOf(
      (keep) => ({ view: 'v', buckets: [bucket], meta: keep(Buffer.from('meta')) }),
      10,
    );
    const copyAfter = (key: string, value: Buffer | null) => {
      const copy = new StateCopy(checkpoint);
      copy.apply(key, value);
      return [...copy.savedBuckets('v')].length;
    };
    expect(copyAfter('v/5/4', Buffer.from('x'))).toBe(1);
    expect(copyAfter('v/6/0', null)).toBe(1);
    expect(copyAfter(metaKeyOf('v'), null)).toBe(1);
    expect(copyAfter('v/5/2', null)).toBe(0);
    expect(copyAfter('v/5/3', Buffer.from('x'))).toBe(0);
  });
});
