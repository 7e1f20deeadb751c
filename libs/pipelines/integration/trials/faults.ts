import type { GoldenCluster } from '../harness/golden-cluster.ts';
import type { GoldenPipeline } from '../harness/golden-pipeline.ts';
import { startInstances } from '../harness/instances.ts';
import { until } from '../harness/until.ts';

/** What goes wrong while all pipelines are under load; ends when it has been got over. */
export type Fault = (all: readonly GoldenPipeline[], cluster: GoldenCluster) => Promise<void>;

/** Sends everybody's next few portions of the input. */
const load = (all: readonly GoldenPipeline[], count: number) =>
  void Promise.all(all.map((one) => one.load(count))).catch(() => undefined);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const kills = 2;
const workersOfKilled = [1, 2, 2];
const rescales = 2;

const startAll = (all: readonly GoldenPipeline[], instanceId: string) =>
  Promise.all(all.map((one) => one.start({ instanceId })));

/** Whether everything that belongs to a pipeline runs somewhere here. */
const isWhole = ({ running }: GoldenPipeline, taskCount: number) => {
  const tasks = running.filter(({ state }) => state === 'running').flatMap((one) => one.tasks);
  return tasks.length >= taskCount && tasks.every(({ state }) => state === 'running');
};

/** Trial 1: instances beside others are killed, with one thread and with two, and come back under their names. */
export const killed: Fault = async (all) => {
  await startAll(all, 'beside');
  for (const workers of workersOfKilled) {
    const instances = startInstances(all.map((one) => one.instance('killed', { workers })));
    try {
      await until(() => instances.status.atWork === all.length);
      load(all, 12);
      await sleep(300);
    } finally {
      await instances.kill();
    }
  }
};

/** Trial 2: instances with something to commit sleep through their session; others take over; the sleepers wake up. */
export const zombies: Fault = async (all) => {
  const frozen = startInstances(all.map((one) => one.instance('zombie', { commitIntervalMs: 3_600_000 })));
  try {
    await until(() => frozen.status.atWork === all.length);
    load(all, 30);
    await until(() => frozen.status.counting === all.length);
    frozen.freeze();
    const heirs = await startAll(all, 'heir');
    await until(() => heirs.every(({ tasks, counters }) => tasks.length > 0 && counters.commits > 0));
    frozen.thaw();
    await until(() => frozen.status.recovered === all.length);
  } finally {
    await frozen.kill();
  }
};

/** Trial 4: the broker is killed in mid-transaction. */
export const brokerKilled: Fault = async (all, { broker }) => {
  const running = await startAll(all, 'only');
  for (let kill = 0; kill < kills; kill++) {
    const before = running.map(({ counters }) => counters.commits);
    load(all, 12);
    await until(
      () =>
        running.every(({ counters }, at) => counters.commits > before[at]!) &&
        running.some(({ isSettled }) => !isSettled),
    );
    await broker.kill();
    await sleep(500);
    await broker.start();
    const back = running.map(({ counters }) => counters.commits);
    load(all, 6);
    await until(() => running.every(({ counters }, at) => counters.commits > back[at]!));
  }
};

/** Trial 5: replies to EndTxn are lost until every pipeline has lost one. */
export const repliesLost: Fault = async (all, { broker }) => {
  await startAll(all, 'only');
  load(all, 50);
  while (all.some(({ recoveries }) => recoveries.size === 0)) {
    let isLost = false;
    void broker.proxy.loseReply('EndTxn').then(() => (isLost = true));
    await until(() => isLost);
  }
};

/** Trial 6: one instance, three, one, and again. */
export const rescaled: Fault = async (all) => {
  const first = await startAll(all, 'i0');
  await until(() => all.every((one) => isWhole(one, 1)));
  const taskCounts = first.map(({ tasks }) => tasks.length);
  let serial = 0;
  load(all, 40);
  for (let round = 0; round < rescales; round++) {
    await startAll(all, `i${++serial}`);
    await startAll(all, `i${++serial}`);
    await until(() => all.every((one, at) => isWhole(one, taskCounts[at]!)));
    // The oldest go.
    await Promise.all(all.flatMap(({ running }) => running.slice(0, -1).map((one) => one.stop())));
    await until(() => all.every((one, at) => isWhole(one, taskCounts[at]!)));
  }
};
