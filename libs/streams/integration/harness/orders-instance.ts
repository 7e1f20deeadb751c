import { beChildProgram } from '@millrace/embedded/testing';
import { startPipeline } from '../../src/index.ts';
import { jsonSerdes } from './clicks.ts';
import { ordersPipeline } from './orders.ts';

/** One instance of the orders pipeline in a process of its own, to be killed. Says on its output how many of its tasks run. */
beChildProgram();
const { name, brokers } = JSON.parse(process.argv[2]!) as { name: string; brokers: string[] };
const running = await startPipeline(ordersPipeline(name), {
  brokers,
  serdes: jsonSerdes,
  instanceId: 'killed',
  sessionTimeoutMs: 6_000,
  transactionTimeoutMs: 5_000,
});
setInterval(() => {
  const atWork = running.tasks.filter(({ state }) => state === 'running').length;
  process.stdout.write(`${JSON.stringify({ atWork })}\n`);
}, 10).unref();
await running.finished;
