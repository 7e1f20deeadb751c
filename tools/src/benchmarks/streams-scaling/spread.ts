import { topicNames } from '@millrace/streams';
import { BatchCount } from '../engines/check-results.ts';
import { allClicks, pages, windowMs } from '../engines/clicks.ts';
import { fillTopic } from '../engines/fill-topic.ts';
import { readCounts } from '../engines/read-counts.ts';
import { Child } from './child.ts';
import { clicksPerUser } from './clicks-per-user.ts';
import type { Scene } from './scene.ts';

const users = 10_000;
/** Waiting processes fetch ahead up to here; little, so that reading counts. */
const maxQueuedBytes = 1024 * 1024;
/** A commit is acknowledged before its markers are in all partitions, and results are read up to the first that has none. */
const markerTries = 10;

/** The wide job over so many partitions, by so many processes each; every result compared. */
export async function spread(
  scene: Scene,
  { partitions, processes, events }: { partitions: number; processes: readonly number[]; events: number },
): Promise<void> {
  const topic = `${scene.name}-spread-${partitions}`;
  await fillTopic(scene, topic, { partitions, clicks: allClicks(events, users, partitions) });
  const expected = new BatchCount('wide', { events, users });
  for (const count of processes) {
    const settings = { ...scene, name: `${topic}-by-${count}`, topic, windowMs, emit: 'onClose' } as const;
    const { name, brokers, registryUrl } = settings;
    const { elapsedMs, cpuMs, peakMb } = await run(scene, settings, {
      count,
      records: events + partitions * pages,
    });
    const read = readCounts(registryUrl, clicksPerUser(settings), 'user_id');
    const countMissing = () => expected.missing(topicNames.results(name, 'counts'), brokers, read);
    let missing = await countMissing();
    for (let tries = 0; missing > 0 && tries < markerTries; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      missing = await countMissing();
    }
    if (missing > 0) throw new Error(`${name}: ${missing} results are missing`);
    console.log(
      `  ${String(partitions).padStart(3)} partitions, ${count} process${count === 1 ? '  ' : 'es'}: ${Math.round(events / (elapsedMs / 1_000)).toLocaleString('en')} events/s, ${(cpuMs / 1_000 / (events / 1e6)).toFixed(2)} CPU s per million, ${peakMb.toFixed(0)} MB at most a process`,
    );
  }
}

/** All processes have their tasks before they begin. */
async function run(
  { brokers, registryUrl }: Scene,
  pipeline: Parameters<typeof clicksPerUser>[0],
  { count, records }: { readonly count: number; readonly records: number },
): Promise<{ elapsedMs: number; cpuMs: number; peakMb: number }> {
  const settings = { ...pipeline, brokers, registryUrl, waits: true, startOptions: { maxQueuedBytes } };
  const children = Array.from({ length: count }, () => new Child(settings));
  try {
    await Promise.all(children.map((child) => child.next('running')));
    // The last one to join takes tasks of the others.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const startedMs = performance.now();
    for (const child of children) child.go();
    let left = records;
    let [cpuMs, peakMb] = [0, 0];
    await Promise.all(
      children.map(async (child) => {
        while (left > 0) {
          const counted = await Promise.race([child.next('counted'), allDone()]);
          if (counted === undefined) return;
          left -= counted.records;
          cpuMs += counted.cpuMs;
          peakMb = Math.max(peakMb, counted.peakMb);
        }
      }),
    );
    return { elapsedMs: performance.now() - startedMs, cpuMs, peakMb };
    async function allDone(): Promise<undefined> {
      while (left > 0) await new Promise((resolve) => setTimeout(resolve, 10));
      return undefined;
    }
  } finally {
    await Promise.all(children.map((child) => child.kill()));
  }
}
