import { connectRegistry, createSerdes } from '@millrace/schemas';
import { startPipeline } from '@millrace/streams';
import { enginePipeline } from './clicks.ts';
import type { Job } from './clicks.ts';

/** Our engine as a process: runs until it has counted `records` and committed them, then says what it took. */
const { name, topic, job, brokers, registryUrl, records, ...options } = JSON.parse(process.argv[2]!) as {
  name: string;
  topic: string;
  job: Job;
  brokers: string[];
  registryUrl: string;
  records: number;
};
const pipeline = await startPipeline(enginePipeline(name, topic, job), {
  brokers,
  serdes: createSerdes({ registry: connectRegistry({ url: registryUrl }), autoRegister: true }),
  ...options,
});
const running = () => pipeline.tasks.length > 0 && pipeline.tasks.every(({ state }) => state === 'running');
while (!running()) await new Promise((resolve) => setTimeout(resolve, 5));
const startedMs = performance.now();
const cpu = process.cpuUsage();
process.stdout.write(`READY\n`);
// Everything is counted, merged and committed when nothing lags and no offset moves any more.
for (let quiet = 0; quiet < 3;) {
  await new Promise((resolve) => setTimeout(resolve, 20));
  const isDone = pipeline.counters.records >= records && pipeline.tasks.every(({ lag }) => lag === 0);
  quiet = isDone && pipeline.isSettled ? quiet + 1 : 0;
}
const { user, system } = process.cpuUsage(cpu);
process.stdout.write(
  `${JSON.stringify({
    elapsedMs: performance.now() - startedMs - 60,
    cpuMs: (user + system) / 1_000,
    peakMb: process.resourceUsage().maxRSS / 1024,
    counters: pipeline.counters,
  })}\n`,
);
await pipeline.stop();
process.exit(0);
