import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { startRegistry } from '@millrace/embedded';
import { connectRegistry, createProducer } from '@millrace/schemas';
import type { PipelineCounters } from '@millrace/streams';
import { Child } from './child.ts';
import {
  ClickSchema,
  PageSchema,
  click,
  lastClicks,
  pageCount,
  pageEntry,
  partitionCount,
  random,
  topicsOf,
} from './clicks.ts';
import { verdict } from './verdict.ts';
import type { Verdict } from './verdict.ts';

export type FaultKind = 'kill' | 'freeze' | 'restart' | 'scale' | 'broker';

export interface ChaosOptions {
  readonly seed: number;
  readonly durationMs: number;
  /** Events a second. */
  readonly rate: number;
  readonly instances: number;
  /** Which faults may happen; `broker` only with the broker that the run starts itself. */
  readonly faults: readonly FaultKind[];
  /** A cluster to run on; by default the embedded broker in a process of its own. */
  readonly brokers?: readonly string[];
  /** Whether instances have lasting names, and so come back to their tasks at once. */
  readonly areNamed: boolean;
  /** Whether instances share a folder with checkpoints, written every second. */
  readonly hasCheckpoints: boolean;
  readonly standbys: number;
  /** Threads of each instance. */
  readonly workers: number;
  /** Memory for each instance's windows; undefined: as much as they need. */
  readonly maxStateBytes: number | undefined;
  /** The longest time from one fault to the next. */
  readonly calmMs: number;
  readonly log: (line: string) => void;
}

export interface ChaosReport extends Verdict {
  readonly faults: Readonly<Record<FaultKind, number>>;
  /** The longest time in which no event was counted by anybody although there were some. */
  readonly longestStallMs: number;
  /** Cells of windows put on disk, and read again, by all processes together, as far as they came to tell. */
  readonly spilledCells: number;
  readonly loadedCells: number;
}

const sessionTimeoutMs = 6_000;
const maxInstances = 5;
/** Between two entries of the global table, which say again what it says. */
const pageIntervalMs = 200;
/** How long a pipeline may stand still, all faults over, until what it lacks counts as lost. */
const patienceMs = 90_000;
/** A fault waits no longer than this for the last one to have been got over. */
const maxHoldMs = 60_000;
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Runs the pipeline under load and faults, lets it settle, and compares its results with a count of the topic. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, log } = options;
  const next = random(seed);
  const name = `chaos${seed}-${Date.now().toString(36)}`;
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-chaos-'));
  const port = await freePort();
  const startBroker = async () => {
    let listening: () => void;
    const ready = new Promise<void>((resolve) => (listening = resolve));
    const child = new Child('broker', {
      program: 'broker-process.ts',
      settings: { port, dataDir },
      onLine: () => listening(),
    });
    await ready;
    return child;
  };
  let broker = options.brokers === undefined ? await startBroker() : undefined;
  const brokers = [...(options.brokers ?? [`127.0.0.1:${port}`])];
  const registry = await startRegistry({ kafka: { brokers }, topic: `${name}-schemas` });
  const alive = new Map<string, Child>();
  const counted = new Map<string, PipelineCounters>();
  const disk = { spilledCells: 0, loadedCells: 0 };
  let longestStallMs = 0;
  let lastProgressMs = Date.now();
  const progressSince = async (sinceMs: number) => {
    const giveUpMs = Date.now() + maxHoldMs;
    while (lastProgressMs <= sinceMs && Date.now() < giveUpMs) await sleep(100);
  };
  const startInstance = (id: string) => {
    const child = new Child(id, {
      program: 'pipeline-process.ts',
      settings: {
        name,
        brokers,
        registryUrl: registry.url,
        ...(options.areNamed ? { instanceId: id } : {}),
        ...(options.hasCheckpoints && { checkpointIntervalMs: 1_000 }),
        ...((options.hasCheckpoints || options.maxStateBytes !== undefined) && {
          stateDir: join(dataDir, 'state'),
          maxStateBytes: options.maxStateBytes,
        }),
        standbys: options.standbys,
        workers: options.workers,
        sessionTimeoutMs,
        transactionTimeoutMs: 5_000,
      },
      onLine: (line) => {
        if (line['event'] !== 'status') {
          log(`  ${id} ${line['level']} ${line['event']}: ${line['message']}`);
          return;
        }
        const counters = line['counters'] as PipelineCounters;
        const last = counted.get(id);
        if (counters.records > (last?.records ?? 0)) {
          longestStallMs = Math.max(longestStallMs, Date.now() - lastProgressMs);
          lastProgressMs = Date.now();
        }
        disk.spilledCells += counters.spilledCells - (last?.spilledCells ?? 0);
        disk.loadedCells += counters.loadedCells - (last?.loadedCells ?? 0);
        counted.set(id, counters);
      },
    });
    alive.set(id, child);
    counted.delete(id);
    return child;
  };
  const done: Record<FaultKind, number> = { kill: 0, freeze: 0, restart: 0, scale: 0, broker: 0 };
  try {
    await createTopics(brokers, Object.values(topicsOf(name)));
    const load = await startLoad({ ...options, name, brokers, registryUrl: registry.url });
    for (let at = 1; at <= options.instances; at++) startInstance(`i${at}`);
    await sleep(2_000);
    lastProgressMs = Date.now();
    const endMs = Date.now() + options.durationMs;
    let faultMs = Date.now();
    while (Date.now() < endMs) {
      await sleep(500 + next() * (options.calmMs - 500));
      // Otherwise a busy machine starts instances so slowly that none ever works: half of the faults may meet them starting.
      if (next() < 0.5) await progressSince(faultMs);
      faultMs = Date.now();
      const kind = options.faults[Math.floor(next() * options.faults.length)]!;
      const ids = [...alive.keys()];
      const id = ids[Math.floor(next() * ids.length)]!;
      const child = alive.get(id)!;
      const waitMs = next() * 2_500;
      log(`fault ${kind} ${kind === 'broker' ? '' : id}`);
      done[kind]++;
      if (kind === 'kill') {
        await child.kill();
        await sleep(waitMs);
        startInstance(id);
      } else if (kind === 'restart') {
        await child.stop();
        await sleep(waitMs);
        startInstance(id);
      } else if (kind === 'freeze') {
        child.freeze();
        // Half of them sleep through their session, so that others take over.
        await sleep(next() < 0.5 ? waitMs : sessionTimeoutMs + 1_000 + waitMs);
        child.thaw();
      } else if (kind === 'scale') {
        const free = Array.from({ length: maxInstances }, (_, at) => `i${at + 1}`).find(
          (one) => !alive.has(one),
        );
        if (alive.size > 1 && (free === undefined || next() < 0.5)) {
          alive.delete(id);
          await child.stop();
        } else if (free !== undefined) startInstance(free);
      } else if (broker !== undefined) {
        await broker.kill();
        await sleep(waitMs);
        broker = await startBroker();
      }
      for (const [each, { isAlive }] of alive)
        if (!isAlive) {
          log(`${each} had ended by itself: starting it again`);
          startInstance(each);
        }
    }
    log('faults are over; letting the load end and the pipeline settle');
    const events = await load.end();
    log(`${events} events sent`);
    const report = await settle(name, brokers, log);
    return { ...report, ...disk, faults: done, longestStallMs };
  } finally {
    await Promise.all([...alive.values()].map((child) => child.stop()));
    await registry.stop();
    await broker?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Asks for the verdict until it is clean, or until nothing has changed for so long that nothing can be expected to. */
async function settle(
  name: string,
  brokers: readonly string[],
  log: (line: string) => void,
): Promise<Verdict> {
  for (let [lost, changedMs] = [Infinity, Date.now()]; ;) {
    await sleep(3_000);
    const result = await verdict(name, brokers);
    if (result.lost < lost) [lost, changedMs] = [result.lost, Date.now()];
    if (result.duplicated > 0 || lost === 0 || Date.now() > changedMs + patienceMs) return result;
    log(`not settled yet: ${lost} events to go`);
  }
}

async function createTopics(brokers: readonly string[], topics: readonly string[]): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({
    topics: topics.map((topic) => ({ topic, numPartitions: partitionCount })),
    waitForLeaders: true,
  });
  await admin.disconnect();
}

async function startLoad(options: ChaosOptions & { name: string; brokers: string[]; registryUrl: string }) {
  const { name, brokers, registryUrl, rate, seed } = options;
  const { clicks, pages } = topicsOf(name);
  const producer = await createProducer({
    brokers,
    registry: connectRegistry({ url: registryUrl }),
    schemas: { [clicks]: ClickSchema, [pages]: PageSchema },
    autoRegister: true,
  });
  const next = random(seed ^ 0x5eed);
  const stepMs = 1_000 / rate;
  const startedMs = Date.now();
  let n = 0;
  const send = ({ partition, ...value }: ReturnType<typeof click>) =>
    producer.send(clicks, { key: value.user, value, partition });
  let entries = 0;
  const sendPage = () => {
    const value = pageEntry(entries++);
    producer.send(pages, { key: value.path, value });
  };
  while (entries < pageCount) sendPage();
  await producer.flush();
  const pageTimer = setInterval(sendPage, pageIntervalMs);
  const timer = setInterval(() => {
    const due = ((Date.now() - startedMs) * rate) / 1_000;
    while (n < due && producer.bufferedBytes < 16 * 1024 * 1024) send(click(n++, stepMs, next));
  }, 20);
  return {
    end: async () => {
      clearInterval(timer);
      clearInterval(pageTimer);
      for (const last of lastClicks(n, stepMs)) send(last);
      await producer.flush();
      await producer.close();
      return n + partitionCount;
    },
  };
}
