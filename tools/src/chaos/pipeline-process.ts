import { registrySerdes } from '@millrace/schemas';
import { startPipeline } from '@millrace/streams';
import { chaosPipeline } from './clicks.ts';

/** One instance of the pipeline under test. */
const { name, brokers, registryUrl, instanceId, ...options } = JSON.parse(process.argv[2]!) as {
  name: string;
  brokers: string[];
  registryUrl: string;
  instanceId?: string;
  workers: number;
  stateDir?: string;
  checkpointIntervalMs?: number;
  maxStateBytes?: number;
  standbys: number;
  sessionTimeoutMs: number;
  transactionTimeoutMs: number;
};
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const pipeline = await startPipeline(chaosPipeline(name), {
  brokers,
  serdes: registrySerdes({ url: registryUrl, autoRegister: true }),
  ...(instanceId === undefined ? {} : { instanceId }),
  ...options,
  onEvent: (event) => event.level !== 'debug' && say(event),
});
say({ level: 'info', event: 'started', message: `pid ${process.pid}` });
const report = setInterval(() => {
  const lag = pipeline.tasks.reduce((sum, task) => sum + Math.max(0, task.lag), 0);
  say({ event: 'status', lag, tasks: pipeline.tasks.length, counters: pipeline.counters });
}, 1_000);
process.once('SIGTERM', () => void pipeline.stop());
await pipeline.finished.then(
  () => undefined,
  () => {
    process.exitCode = 1;
  },
);
clearInterval(report);
process.exit();
