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
const report = (failure?: { readonly code?: string; readonly message: string }) => {
  const { records } = pipeline.counters;
  const running = pipeline.tasks.filter(({ state }) => state === 'running').length;
  process.stdout.write(`${JSON.stringify({ records, running, recoveries, failure })}\n`);
};
setInterval(report, 10).unref();
await pipeline.finished.catch(({ code, message }: { code?: string; message: string }) =>
  report({ ...(code !== undefined && { code }), message }),
);
process.exit(0);
