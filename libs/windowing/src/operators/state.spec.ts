import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  assignCumulative,
  assignHopping,
  naiveWindows,
  sortedRows,
  type Assign,
  type NaiveEvent,
  type NaiveRow,
} from '../../test/naive-windows.ts';
import type { AlignedWindow, Operator, OperatorOptions } from '../index.ts';
import { collect, Combiner, count, createOperator, cumulative, hopping, sum, tumbling } from '../index.ts';

interface Row {
  value: number;
}

const aggregates = { values: collect('value'), total: sum('value'), n: count() };

function build(options: Partial<OperatorOptions<Row>> & { window: AlignedWindow }) {
  const rows = new Map<string, NaiveRow>();
  const closedBuckets: number[] = [];
  const operator: Operator<Row> = createOperator<Row>(
    { aggregates, outOfOrderMs: 1_000_000, ...options },
    {
      onResult({ key, windowStart, windowEnd, values, total, n }) {
        const list = values as number[];
        expect(total).toBe(list.reduce((a, b) => a + b, 0));
        expect(n).toBe(list.length);
        const row = { key, start: windowStart, end: windowEnd, values: list } as NaiveRow;
        rows.set(`${key} ${windowStart} ${windowEnd}`, row);
      },
      onBucketClosed: (bucket) => closedBuckets.push(bucket),
    },
  );
  return { operator, closedBuckets, results: () => sortedRows([...rows.values()]) };
}

const row: Row = { value: 0 };
function feed(to: { add(key: string, t: number, row: Row): unknown }, events: readonly NaiveEvent[]): void {
  for (const { key, t, value } of events) {
    row.value = value;
    to.add(key, t, row);
  }
}

const event = fc.record({
  key: fc.constantFrom('a', 'b', 'ü', '🙂'),
  t: fc.integer({ min: -60, max: 60 }),
  value: fc.integer({ min: -1000, max: 1000 }),
});
const kinds: fc.Arbitrary<{ window: AlignedWindow; assign: Assign }> = fc
  .record({
    kind: fc.constantFrom('tumbling', 'hopping', 'cumulative'),
    n: fc.integer({ min: 1, max: 12 }),
    m: fc.integer({ min: 1, max: 5 }),
    offsetMs: fc.integer({ min: -20, max: 20 }),
  })
  .map(({ kind, n, m, offsetMs }) => {
    if (kind === 'tumbling')
      return { window: tumbling({ sizeMs: n, offsetMs }), assign: assignHopping(n, n, offsetMs) };
    if (kind === 'hopping') {
      const advanceMs = Math.min(n, m);
      return {
        window: hopping({ sizeMs: n, advanceMs, offsetMs }),
        assign: assignHopping(n, advanceMs, offsetMs),
      };
    }
    return {
      window: cumulative({ maxSizeMs: n * m, stepMs: n, offsetMs }),
      assign: assignCumulative(n * m, n, offsetMs),
    };
  });

describe('state of windows on the clock', () => {
  it('goes through snapshots at any moment without a trace', () => {
    fc.assert(
      fc.property(kinds, fc.array(fc.array(event), { maxLength: 6 }), ({ window, assign }, batches) => {
        let at = build({ window });
        for (const batch of batches) {
          feed(at.operator, batch);
          const bytes = at.operator.snapshot();
          at = build({ window });
          at.operator.restore(bytes);
        }
        at.operator.finish();
        expect(at.results()).toEqual(sortedRows(naiveWindows(batches.flat(), assign)));
      }),
    );
  });

  it('comes back from changes alone, whole buckets replaced now and then', () => {
    fc.assert(
      fc.property(
        kinds,
        fc.array(fc.tuple(fc.array(event), fc.boolean()), { maxLength: 6 }),
        ({ window, assign }, batches) => {
          const log = new Map<number, Uint8Array[]>();
          let meta = new Uint8Array();
          const at = build({ window, trackChanges: true });
          const append = (bucket: number, bytes: Uint8Array): void => {
            log.set(bucket, [...(log.get(bucket) ?? []), bytes.slice()]);
          };
          for (const [batch, compact] of batches) {
            feed(at.operator, batch);
            at.operator.drainChanges(append);
            if (compact) {
              for (const bucket of at.operator.buckets()) {
                log.delete(bucket);
                at.operator.snapshotBucket(bucket, append);
              }
            }
            meta = at.operator.saveMeta();
          }
          const again = build({ window });
          for (const chunks of log.values()) for (const chunk of chunks) again.operator.restore(chunk);
          if (meta.length > 0) again.operator.restore(meta);
          again.operator.finish();
          expect(again.results()).toEqual(
            sortedRows(
              naiveWindows(
                batches.flatMap(([batch]) => batch),
                assign,
              ),
            ),
          );
        },
      ),
    );
  });

  it('adds up partial aggregates of any split to the result of one pass', () => {
    fc.assert(
      fc.property(
        kinds,
        fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.array(event)), { maxLength: 8 }),
        ({ window, assign }, batches) => {
          const options = { window, aggregates, outOfOrderMs: 1_000_000 };
          const combiners = [0, 1, 2].map(() => new Combiner<Row>(options));
          const owners = [0, 1].map(() => build({ window }));
          for (const [which, batch] of batches) {
            feed(combiners[which]!, batch);
            combiners[which]!.drainPartials(
              (key) => (key === 'a' ? 0 : 1),
              (route, bytes) => owners[route]!.operator.mergePartials(bytes),
            );
          }
          for (const owner of owners) owner.operator.finish();
          expect(sortedRows(owners.flatMap((owner) => owner.results()))).toEqual(
            sortedRows(
              naiveWindows(
                batches.flatMap(([, batch]) => batch),
                assign,
              ),
            ),
          );
        },
      ),
    );
  });

  it('splits by key and merges again', () => {
    fc.assert(
      fc.property(kinds, fc.array(event), fc.array(event), ({ window, assign }, before, after) => {
        const whole = build({ window });
        feed(whole.operator, before);
        const parts = [true, false].map((mine) => {
          const part = build({ window });
          part.operator.restore(whole.operator.snapshot({ where: (key) => (key === 'a') === mine }));
          return part;
        });
        feed(parts[0]!.operator, after);
        const merged = build({ window });
        for (const part of parts) merged.operator.restore(part.operator.snapshot(), { mode: 'merge' });
        merged.operator.finish();
        expect(merged.results()).toEqual(sortedRows(naiveWindows([...before, ...after], assign)));
      }),
    );
  });

  it('hands out no result twice across a restart, and remembers revisions', () => {
    const options = { window: tumbling({ sizeMs: 10 }), outOfOrderMs: 0, graceMs: 100 };
    const seen: unknown[] = [];
    const make = (): Operator<Row> =>
      createOperator<Row>(
        { aggregates, ...options },
        { onResult: (r) => seen.push([r['windowStart'], r['n'], r['state'], r['revision']]) },
      );
    const one = make();
    feed(one, [
      { key: 'a', t: 1, value: 1 },
      { key: 'a', t: 25, value: 1 },
      { key: 'a', t: 2, value: 1 },
    ]);
    const two = make();
    two.restore(one.snapshot());
    feed(two, [{ key: 'a', t: 3, value: 1 }]);
    two.finish();
    expect(seen).toEqual([
      [0, 1, 'final', 0],
      [0, 2, 'revised', 1],
      [0, 3, 'revised', 2],
      [20, 1, 'final', 0],
    ]);
  });

  it('says which buckets hold nothing any more', () => {
    const { operator, closedBuckets } = build({
      window: tumbling({ sizeMs: 10 }),
      outOfOrderMs: 0,
      graceMs: 5,
      trackChanges: true,
    });
    feed(operator, [{ key: 'a', t: 1, value: 1 }]);
    operator.advanceWatermark(14);
    expect([closedBuckets, operator.windowCount]).toEqual([[], 1]);
    operator.advanceWatermark(15);
    expect([closedBuckets, operator.windowCount, operator.keyCount]).toEqual([[0], 0, 0]);
  });

  it('refuses bytes of another definition and damaged bytes, naming the reason', () => {
    const { operator } = build({ window: tumbling({ sizeMs: 10 }) });
    feed(operator, [{ key: 'a', t: 1, value: 1 }]);
    const bytes = operator.snapshot();
    const other = build({ window: tumbling({ sizeMs: 20 }) });
    expect(() => other.operator.restore(bytes)).toThrow(
      expect.objectContaining({ code: 'WINDOWING_STATE_INVALID' }),
    );
    for (let cut = 0; cut < bytes.length; cut++) {
      const part = build({ window: tumbling({ sizeMs: 10 }) });
      try {
        part.operator.restore(bytes.subarray(0, cut));
      } catch (error) {
        expect(error).toMatchObject({ code: 'WINDOWING_FORMAT_INVALID' });
      }
    }
  });
});
