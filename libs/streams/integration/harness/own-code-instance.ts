import { beChildProgram } from '@millrace/embedded/testing';
import { startPipeline } from '../../src/index.ts';
import type { StartOptions } from '../../src/index.ts';
import { jsonSerdesModule } from './clicks.ts';
import { sharesPipeline } from './own-code.ts';

/** One instance of the pipeline with own code; prints, often, how it stands. */
beChildProgram();
const { name, ...settings } = JSON.parse(process.argv[2]!) as { name: string } & Omit<StartOptions, 'serdes'>;
const pipeline = await startPipeline(sharesPipeline(name), { ...settings, serdes: jsonSerdesModule });
setInterval(() => {
  const { records, deadLetter } = pipeline.counters;
  const running = pipeline.tasks.filter(({ state }) => state === 'running').length;
  process.stdout.write(`${JSON.stringify({ records, deadLetter, running })}\n`);
}, 10).unref();
await pipeline.finished.catch(() => undefined);
process.exit(0);
