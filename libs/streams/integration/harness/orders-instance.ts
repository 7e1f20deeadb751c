import { startPipeline } from '../../src/index.ts';
import { jsonSerdes } from './clicks.ts';
import { ordersPipeline } from './orders.ts';
import './end-with-parent.ts';

/** One instance of the orders pipeline in a process of its own, to be killed. Says so on its output once its tasks run. */
const [name = '', brokers = ''] = process.argv.slice(2);
const running = await startPipeline(ordersPipeline(name), {
  brokers: brokers.split(','),
  serdes: jsonSerdes,
  instanceId: 'killed',
  sessionTimeoutMs: 6_000,
  transactionTimeoutMs: 5_000,
});
const look = setInterval(() => {
  if (running.tasks.length === 0 || running.tasks.some(({ state }) => state === 'restoring')) return;
  clearInterval(look);
  process.stdout.write('at work\n');
}, 10);
await running.finished;
