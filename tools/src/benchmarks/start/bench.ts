import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pipelines } from '@millrace/pipelines';
import { atMost, type Bench } from '../bench.ts';

const main = join(import.meta.dirname, '../../start/main.ts');
/** The first start tells the past first; that is not what it costs to run. */
const SETTLE_MS = 60_000;
const MEASURE_MS = 60_000;
/** Of `/proc/PID/stat`, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** What `npm start` takes while every pipeline runs at its default rate: `npm run bench -- start`. */
export const bench: Bench = {
  name: 'start',
  summary: `npm start with ${pipelines.map(({ name }) => name).join(', ')} at their default rates, over a minute (Linux)`,
  async run() {
    const directory = await mkdtemp(join(tmpdir(), 'millrace-bench-start-'));
    const ports = {
      KAFKA_PORT: '0',
      SCHEMA_REGISTRY_PORT: '0',
      PORT: '0',
      PROCESSOR_PORT: '0',
      PRODUCER_PORT: '0',
    };
    const child = spawn(process.execPath, ['--conditions=@millrace/source', main], {
      env: { ...process.env, ...ports, INIT_CWD: directory, PIPELINES: '' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const url = await urlOf(child);
      await sleep(SETTLE_MS);
      const before = usageOf(child);
      await sleep(MEASURE_MS);
      const after = usageOf(child);
      const served = (await (await fetch(`${url}/api/pipelines`)).json()) as readonly unknown[];
      if (served.length !== pipelines.length)
        throw new Error(`${served.length} of ${pipelines.length} pipelines run`);
      const cores = ((after.cpuS - before.cpuS) * 1000) / MEASURE_MS;
      console.log(`${(cores * 100).toFixed(1)}% of one core, ${after.residentMiB.toFixed(0)} MiB resident`);
      return [
        atMost('CPU of one core', 60, cores * 100, '%'),
        atMost('resident memory', 4096, after.residentMiB, 'MiB'),
      ];
    } finally {
      child.kill('SIGKILL');
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    }
  },
};

function urlOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const url = /Millrace is up: (\S+)/.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', () => reject(new Error(`npm start ended:\n${output}`)));
  });
}

function usageOf({ pid }: ChildProcess): { cpuS: number; residentMiB: number } {
  // The name in brackets may hold spaces; user and system time are the 12th and 13th field behind it.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    cpuS: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    residentMiB: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024,
  };
}
