import { connectRegistry, createSerdes } from '@millrace/schemas';
import { startPipeline } from '@millrace/streams';
import { enginePipeline } from './clicks.ts';
import type { Job } from './clicks.ts';

/** Our engine as a process: says `FIRST` when it counts the first records, and runs until it is ended. */
const { name, topic, job, brokers, registryUrl, ...options } = JSON.parse(process.argv[2]!) as {
  name: string;
  topic: string;
  job: Job;
  brokers: string[];
  registryUrl: string;
};
const pipeline = await startPipeline(enginePipeline(name, topic, job), {
  brokers,
  serdes: createSerdes({ registry: connectRegistry({ url: registryUrl }), autoRegister: true }),
  ...options,
});
process.once('SIGTERM', () => void pipeline.stop().then(() => process.exit(0)));
while (pipeline.counters.records === 0) await new Promise((resolve) => setTimeout(resolve, 1));
process.stdout.write('FIRST\n');
