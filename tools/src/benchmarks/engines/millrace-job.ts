import { registrySerdes } from '@millrace/schemas';
import { startPipeline } from '@millrace/streams';
import { enginePipeline } from './clicks.ts';
import type { Job } from './clicks.ts';

/** Our engine as a process: says `FIRST` when its first task is ready to count, and runs until it is ended. */
const { name, topic, job, registryUrl, ...options } = JSON.parse(process.argv[2]!) as {
  name: string;
  topic: string;
  job: Job;
  brokers: string[];
  registryUrl: string;
  workers: number;
};
let isReady = false;
const pipeline = await startPipeline(enginePipeline(name, topic, job), {
  ...options,
  serdes: registrySerdes({ url: registryUrl, autoRegister: true }),
  onEvent: ({ event }) => {
    if (event !== 'restored' || isReady) return;
    isReady = true;
    process.stdout.write('FIRST\n');
  },
});
process.once('SIGTERM', () => void pipeline.stop().then(() => process.exit(0)));
