import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { startKafka, startRegistry } from '@millrace/embedded';
import { atMost } from '../bench.ts';
import type { Aim, Bench } from '../bench.ts';
import { expectedResults, partitionCount } from './clicks.ts';
import type { Job } from './clicks.ts';
import { fillTopic } from './fill-topic.ts';

interface Measured {
  readonly elapsedMs: number;
  readonly cpuMs: number;
  readonly peakMb: number;
  readonly counters: { readonly records: number; readonly results: number };
}

const users = 10_000;
/** A sixth of what Flink 2.0 took for the same jobs, in CPU seconds per million events. */
const cpuAims: Record<Job, number> = { wide: 10.5 / 6, narrow: 5.4 / 6 };

/** One job in a process of its own, from the moment its tasks run until everything is committed. */
async function runJob(settings: object): Promise<Measured> {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@millrace/source',
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, 'millrace-job.ts'),
      JSON.stringify(settings),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await new Promise((resolve) => child.once('exit', resolve));
  return JSON.parse(output.trim().split('\n').at(-1)!) as Measured;
}

/** `npm run bench -- engines [EVENTS]`: on the cluster that MILLRACE_TEST_KAFKA_BROKERS names, else on the embedded broker. */
export const bench: Bench = {
  name: 'engines',
  summary: 'counts per user (wide) and per page (narrow, with a repartition) and minute, exactly once',
  async run(args) {
    const events = Number(args[0] ?? 2_000_000);
    const real = process.env['MILLRACE_TEST_KAFKA_BROKERS'];
    const kafka = real === undefined ? await startKafka() : undefined;
    const brokers = real?.split(',') ?? kafka!.brokers;
    const name = `engines-${Date.now().toString(36)}`;
    const registry = await startRegistry({ kafka: { brokers }, topic: `${name}-schemas` });
    const topic = `${name}-clicks`;
    console.log(`broker: ${real === undefined ? 'embedded, in this process' : `Apache Kafka at ${real}`}`);
    await fillTopic({ brokers, registryUrl: registry.url }, topic, { events, users });
    const aims: Aim[] = [];
    for (const job of ['wide', 'narrow'] as const) {
      const measured = await runJob({
        name: `${name}-${job}`,
        topic,
        job,
        brokers,
        registryUrl: registry.url,
        records: events + partitionCount,
      });
      const expected = expectedResults(events, users, job);
      const { results, records } = measured.counters;
      if (results !== expected || records !== events + partitionCount)
        throw new Error(
          `${job}: ${results} results of ${records} records, expected ${expected} of ${events}`,
        );
      const perSecond = events / (measured.elapsedMs / 1_000);
      const cpuPerMillion = measured.cpuMs / 1_000 / (events / 1e6);
      console.log(
        `${job.padEnd(7)} ${Math.round(perSecond).toLocaleString('en')} events/s, ${cpuPerMillion.toFixed(2)} CPU s per million, ${results} results, ${measured.peakMb.toFixed(0)} MB at most`,
      );
      aims.push(atMost(`${job}: CPU per million events`, cpuAims[job], cpuPerMillion, 's'));
    }
    await registry.stop();
    await kafka?.stop();
    return aims;
  },
};
