import { beChildProgram } from '@millrace/embedded/testing';
import { startPipeline } from '../../src/index.ts';
import type { StartOptions } from '../../src/index.ts';
import { clicksPipeline, jsonSerdesModule } from './clicks.ts';

/** One instance of the pipeline under test; prints, often, how it stands. */
const { name, windowMs, ...settings } = JSON.parse(process.argv[2]!) as {
  name: string;
  windowMs?: number;
} & Omit<StartOptions, 'serdes'>;
beChildProgram();
let recoveries = 0;
const pipeline = await startPipeline(clicksPipeline(name, windowMs === undefined ? {} : { windowMs }), {
  ...settings,
  serdes: jsonSerdesModule,
  onEvent: ({ event }) => {
    if (event === 'recovering') recoveries++;
  },
});
setInterval(() => {
  const { records } = pipeline.counters;
  const running = pipeline.tasks.filter(({ state }) => state === 'running').length;
  process.stdout.write(`${JSON.stringify({ records, running, recoveries })}\n`);
}, 10).unref();
await pipeline.finished.catch(() => undefined);
process.exit(0);
