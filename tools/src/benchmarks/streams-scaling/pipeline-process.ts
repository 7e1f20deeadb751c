import { connectRegistry, createSerdes } from '@millrace/schemas';
import { startPipeline } from '@millrace/streams';
import type { ProcessSettings, Said } from './child.ts';
import { clicksPerUser } from './clicks-per-user.ts';

/** A pipeline as a process of its own: says on lines of JSON what it has come to, and runs until it is ended. */
const say = (what: Said): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const settings = JSON.parse(process.argv[2]!) as ProcessSettings;
const { brokers, registryUrl, waits, startOptions } = settings;
let assignedMs = 0;
const pipeline = await startPipeline(clicksPerUser(settings), {
  brokers,
  serdes: createSerdes({ registry: connectRegistry({ url: registryUrl }), autoRegister: true }),
  onEvent: ({ event }) => {
    if (event === 'assigned') assignedMs = performance.now();
  },
  ...startOptions,
});
if (waits) pipeline.pause();
process.stdin.once('data', () => pipeline.resume());
while (pipeline.tasks.length === 0 || pipeline.tasks.some(({ state }) => state !== 'running')) await pause(2);
const { restoredRecords } = pipeline.counters;
say({ said: 'running', restoreMs: performance.now() - assignedMs, restoredRecords });

let reported = 0;
for (;;) {
  while (pipeline.counters.records === reported) await pause(2);
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  while (!pipeline.isSettled || pipeline.tasks.some(({ lag }) => lag !== 0)) await pause(10);
  const { user, system } = process.cpuUsage(cpu);
  const records = pipeline.counters.records - reported;
  reported = pipeline.counters.records;
  say({
    said: 'counted',
    records,
    keys: pipeline.tasks.reduce((sum, { keys }) => sum + keys, 0),
    diskMb: pipeline.tasks.reduce((sum, { diskBytes }) => sum + diskBytes, 0) / 2 ** 20,
    elapsedMs: performance.now() - startedMs,
    cpuMs: (user + system) / 1_000,
    peakMb: process.resourceUsage().maxRSS / 1_024,
  });
}
