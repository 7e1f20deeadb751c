/**
 * Known answers from the test suites of other engines, when MILLRACE_CONFORMANCE names the folder that holds them (its
 * README.md says what a case is). The data are not part of this repository; without the variable nothing here runs.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Aggregate, Emit, Operator, Window } from './index.ts';
import { collect, count, createOperator, max, mean, min, sum, WindowingError } from './index.ts';
import { Watermarks } from './watermark.ts';

interface Entry {
  t?: number;
  key?: string | null;
  value?: unknown;
  partition?: number;
  gapMs?: number;
  watermark?: number;
  idle?: boolean;
}

interface Row {
  key: string | null;
  start: number | null;
  end: number | null;
  value?: unknown;
  open?: boolean;
  index?: number;
}

interface Case {
  name: string;
  window: { type: string } & Record<string, unknown>;
  partitions?: number;
  outOfOrderMs: number;
  graceMs: number;
  emit: Emit;
  aggregate: string;
  watermarks?: 'explicit';
  events: Entry[];
  restartBefore?: number;
  expected: Row[];
  late: { event: number; key: string; start: number; end: number }[];
  rejected?: { t: number; key: string | null }[];
  expectedWatermarks?: { after: number; watermark: number }[];
  retracted?: [key: string, start: number, end: number][];
  mayRefuse?: boolean;
}

const folder = process.env['MILLRACE_CONFORMANCE'];
const files = folder === undefined ? [] : readdirSync(join(folder, 'windows')).sort();
const suite = folder === undefined ? describe.skip : describe;
if (folder === undefined)
  console.info('The conformance cases were not run: MILLRACE_CONFORMANCE is not set.');

const aggregates: Record<string, Aggregate<Entry>> = {
  count: count(),
  sum: sum('value'),
  min: min('value'),
  max: max('value'),
  mean: mean('value'),
  collect: collect('value'),
};

suite('the cases of other engines', () => {
  if (folder === undefined) {
    it('is run when MILLRACE_CONFORMANCE is set', () => undefined);
    return;
  }
  let cases = 0;
  for (const file of files) {
    describe(file, () => {
      const read = JSON.parse(readFileSync(join(folder, 'windows', file), 'utf8')) as Case[];
      for (const one of read) {
        cases++;
        it(one.name, () => (one.window.type === 'watermark' ? checkWatermarks(one) : checkWindows(one)));
      }
    });
  }
  it('are all there', () => {
    expect(cases).toBeGreaterThanOrEqual(179);
  });
});

function checkWatermarks({ partitions, outOfOrderMs, events, expectedWatermarks }: Case): void {
  const ids = Array.from({ length: partitions ?? 1 }, (_, id) => id);
  const watermarks = new Watermarks(outOfOrderMs, ids);
  const moves: unknown[] = [];
  let before = -Infinity;
  events.forEach(({ partition = 0, watermark, idle, t }, after) => {
    if (watermark !== undefined) watermarks.advance(partition, watermark);
    else if (idle !== undefined) watermarks.setIdle(partition, idle);
    else watermarks.observe(partition, t!);
    if (watermarks.combined !== before) moves.push({ after, watermark: watermarks.combined });
    before = watermarks.combined;
  });
  expect(moves).toEqual(expectedWatermarks);
}

function checkWindows(one: Case): void {
  const rows = new Map<string, Row>();
  const late: unknown[] = [];
  const rejected: unknown[] = [];
  const retracted: unknown[] = [];
  let ending = false;
  let index = 0;
  const idOf = (row: Row): string => `${row.key} ${row.start} ${row.end} ${row.index ?? ''}`;
  const build = (): Operator<Entry> =>
    createOperator<Entry>(
      {
        window: windowOf(one),
        outOfOrderMs: one.outOfOrderMs,
        graceMs: one.graceMs,
        emit: one.emit,
        aggregates: { value: aggregates[one.aggregate]! },
        ...(one.watermarks && { watermarks: one.watermarks }),
        partitions: Array.from({ length: one.partitions ?? 1 }, (_, id) => id),
      },
      {
        onResult(result) {
          const row: Row = {
            key: result['key'] as string,
            start: result['windowStart'] as number | null,
            end: result['windowEnd'] as number | null,
            ...(result['index'] !== undefined && { index: result['index'] as number }),
          };
          if (result['state'] === 'retracted') {
            expect(rows.delete(idOf(row))).toBe(true);
            retracted.push([row.key, row.start, row.end]);
            return;
          }
          const open = result['state'] === 'filling' || ending;
          rows.set(idOf(row), { ...row, value: result['value'], ...(open && { open }) });
        },
        onLate: ({ key, timeMs, windowStart, windowEnd }) =>
          late.push({ event: index, t: timeMs, key, start: windowStart, end: windowEnd }),
        onRejected: ({ row: { t, key, value } }) => rejected.push({ t, key, value }),
      },
    );

  if (one.mayRefuse) {
    expect(build).toThrow(WindowingError);
    return;
  }
  let operator = build();
  one.events.forEach((entry, at) => {
    index = at;
    if (one.restartBefore === at) {
      const bytes = operator.snapshot();
      operator = build();
      operator.restore(bytes);
    }
    const { partition = 0, watermark, idle, t, key } = entry;
    if (watermark !== undefined) operator.advanceWatermark(watermark, partition);
    else if (idle !== undefined) (idle ? operator.markIdle : operator.markActive).call(operator, partition);
    else operator.add(key as string, t!, entry, partition);
    operator.drainUpdates();
  });
  ending = true;
  operator.finish();

  const byId = (a: Row, b: Row): number => (idOf(a) < idOf(b) ? -1 : 1);
  const plain = (row: Row): Row => {
    const { key, start, end, value, open, index: number } = row;
    const sorted = Array.isArray(value) ? [...(value as unknown[])].sort() : value;
    return {
      key,
      start,
      end,
      value: sorted,
      ...(open && { open }),
      ...(number !== undefined && { index: number }),
    };
  };
  expect([...rows.values()].map(plain).sort(byId)).toEqual(one.expected.map(plain).sort(byId));
  const byEvent = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  expect([...late].sort(byEvent)).toEqual([...one.late].sort(byEvent));
  expect(rejected).toEqual(one.rejected ?? []);
  if (one.retracted !== undefined) {
    expect([...retracted].sort(byEvent)).toEqual([...one.retracted].sort(byEvent));
  }
}

function windowOf({ window, graceMs: _ }: Case): Window<Entry> {
  if (window.type === 'session' && window['gapMs'] === null) return { type: 'session', gapMs: 'gapMs' };
  return window as unknown as Window<Entry>;
}
