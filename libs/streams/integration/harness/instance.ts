import { startPipeline } from '../../src/index.ts';
import { clicksPipeline, jsonSerdes } from './clicks.ts';

/** One instance of the pipeline under test; prints its events and, often, how far it is. */
const { name, ...settings } = JSON.parse(process.argv[2]!) as {
  name: string;
  brokers: string[];
  instanceId?: string;
};
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const pipeline = await startPipeline(clicksPipeline(name), {
  ...settings,
  serdes: jsonSerdes,
  sessionTimeoutMs: 6_000,
  transactionTimeoutMs: 5_000,
  onEvent: (event) => event.level !== 'debug' && say(event),
});
setInterval(() => say({ event: 'status', records: pipeline.counters.records }), 10).unref();
process.once('SIGTERM', () => void pipeline.stop());
await pipeline.finished.catch(() => undefined);
process.exit(0);
