import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GoldenPipeline } from '../harness/golden-pipeline.ts';
import { until } from '../harness/until.ts';
import type { InputTrial } from './inputs.ts';

/** Less than the state of a pipeline's golden input takes, but enough for what it is counting at the moment. */
const maxStateKib: Readonly<Record<string, number>> = {
  'web-logs': 64,
  'user-ingestion': 16,
  'weather-energy': 64,
  clickstream: 128,
  'user-activity': 64,
};
const portionsBefore = 30;

/** More state than there is memory for, under load, with a restart in the middle. */
export const onDisk: InputTrial = async (one) => {
  const pipeline = await GoldenPipeline.create(one);
  const maxStateBytes = maxStateKib[one.pipeline]! * 1024;
  const stateDir = await mkdtemp(join(tmpdir(), 'millrace-golden-disk-'));
  try {
    const before = await pipeline.start({ stateDir, maxStateBytes });
    await pipeline.load(portionsBefore);
    await until(() => before.counters.records > 0 && before.isSettled);
    await before.stop();
    const after = await pipeline.start({ stateDir, maxStateBytes });
    await pipeline.load(Infinity);
    await pipeline.close();
    const unlike = await pipeline.outcome();
    const [spilled, loaded] = [before.counters, after.counters].reduce(
      ([cells, read], { spilledCells, loadedCells }) => [cells + spilledCells, read + loadedCells],
      [0, 0],
    );
    return [
      ...unlike,
      ...(spilled === 0 ? ['nothing was put on disk'] : []),
      ...(loaded === 0 ? ['nothing was read from disk'] : []),
    ];
  } finally {
    await pipeline.stop();
    await rm(stateDir, { recursive: true });
  }
};
