import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { StorageError } from '@millrace/storage';
import { Registry } from 'prom-client';
import { sinkMetrics } from './sink-metrics.ts';
import { StoreCalls } from './store-calls.ts';

let lines: string[];
let stopping: AbortController;
let metrics: Registry;
let calls: StoreCalls;
beforeEach(() => {
  jest.useFakeTimers();
  lines = [];
  stopping = new AbortController();
  metrics = new Registry();
  const meter = sinkMetrics(metrics)('serving');
  calls = new StoreCalls({ store: 'redis', log: (line) => lines.push(line), signal: stopping.signal, meter });
});
afterEach(() => {
  jest.useRealTimers();
});

const away = () => new StorageError('STORAGE_UNAVAILABLE', 'no answer');

/** Fails `times` times, then succeeds; counts its calls. */
function failing(times: number, error: () => Error = away) {
  const work = async () => {
    if (++work.calls <= times) throw error();
  };
  work.calls = 0;
  return work;
}

describe('StoreCalls', () => {
  it('repeats what fails until it succeeds', async () => {
    const work = failing(3);
    const done = calls.untilDone('writing', work);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(await done).toBe(true);
    expect(work.calls).toBe(4);
    expect(lines).toEqual(Array(3).fill('writing failed: no answer'));
    expect(await metrics.metrics()).toContain(
      'millrace_sink_failures_total{sink="serving",code="STORAGE_UNAVAILABLE"} 3',
    );
  });

  it('opens the circuit after five failures in a row, tries now and then, and closes it when the store is back', async () => {
    const work = failing(6);
    const done = calls.untilDone('writing', work);
    await jest.advanceTimersByTimeAsync(3_100);
    expect(await metrics.metrics()).toContain('millrace_sink_circuit{sink="serving"} 1');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(await done).toBe(true);
    expect(work.calls).toBe(7);
    expect(lines.filter((line) => line.startsWith('redis'))).toEqual([
      'redis fails time after time (no answer); trying again every few seconds',
      'redis is back',
    ]);
    expect(await metrics.metrics()).toContain('millrace_sink_circuit{sink="serving"} 0');
  });

  it('hands on a refused table at once, and does not say that the store is away', async () => {
    const refused = () => new StorageError('STORAGE_TABLE_SHAPE', 'table a is there with another shape');
    for (let turn = 0; turn < 6; turn++)
      await expect(calls.untilDone('creating table a', failing(1, refused))).rejects.toThrow('another shape');
    expect(lines).toEqual([]);
    expect(await metrics.metrics()).toContain('millrace_sink_circuit{sink="serving"} 0');
  });

  it('hands on at once what repeating does not change', async () => {
    const conflict = failing(1, () => new StorageError('STORAGE_CONFLICT', 'another was faster'));
    await expect(calls.untilDone('writing', conflict)).rejects.toMatchObject({ code: 'STORAGE_CONFLICT' });
    expect(conflict.calls).toBe(1);
  });

  it('ends when the sink does, or when the work is another’s by now', async () => {
    const never = failing(Infinity);
    const done = calls.untilDone('writing', never);
    await jest.advanceTimersByTimeAsync(50);
    stopping.abort();
    expect(await done).toBe(false);
    const work = failing(0);
    expect(await calls.untilDone('writing', work)).toBe(false);
    expect(work.calls).toBe(0);
  });

  it('does no work that is no longer its own', async () => {
    const work = failing(0);
    expect(await calls.untilDone('writing', work, () => false)).toBe(false);
    expect(work.calls).toBe(0);
  });
});
