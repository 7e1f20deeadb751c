import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GoldenPipeline } from '../harness/golden-pipeline.ts';
import { until } from '../harness/until.ts';
import type { InputTrial } from './inputs.ts';

/** Less than the state of any pipeline's golden input takes. */
const maxStateBytes = 16 * 1024;
const portionsBefore = 30;

/** Pipelines that have no part which keeps its state in memory. */
export const pipelinesOnDisk: readonly string[] = ['web-logs', 'user-ingestion'];

/** More state than there is memory for, under load, with a restart in the middle; elsewhere a refusal at the start. */
export const onDisk: InputTrial = async (one) => {
  const pipeline = await GoldenPipeline.create(one);
  const stateDir = await mkdtemp(join(tmpdir(), 'millrace-golden-disk-'));
  try {
    if (!pipelinesOnDisk.includes(one.pipeline)) return await refusal(pipeline, stateDir);
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

async function refusal(pipeline: GoldenPipeline, stateDir: string): Promise<string[]> {
  const code = await pipeline.start({ stateDir, maxStateBytes }).then(
    () => 'none',
    (error: unknown) => (error as { code: unknown }).code,
  );
  return code === 'STREAMS_STATE' ? [] : [`it was not refused: ${String(code)}`];
}
