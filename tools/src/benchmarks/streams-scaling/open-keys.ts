import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topicNames } from '@millrace/streams';
import { atMost } from '../bench.ts';
import type { Aim } from '../bench.ts';
import { click, partitionCount, startMs } from '../engines/clicks.ts';
import type { PlacedClick } from '../engines/clicks.ts';
import { readAll } from '../engines/check-results.ts';
import { appendClicks, fillTopic } from '../engines/fill-topic.ts';
import { readCounts } from '../engines/read-counts.ts';
import { Child } from './child.ts';
import type { ProcessSettings } from './child.ts';
import { clicksPerUser } from './clicks-per-user.ts';
import type { Scene } from './scene.ts';

/** Longer than all events last, from before the first one. */
const windowMs = 36_000_000;
const restoreAimS = 5;

function* keyed(events: number, keys: number): Generator<PlacedClick> {
  for (let n = 0; n < events; n++)
    yield { ...click(n, keys), user_id: `user-${n % keys}`, partition: (n % keys) % partitionCount };
}

interface OpenKeys {
  readonly keys: number;
  readonly events: number;
  /** Memory for windows; what is more goes to disk. Undefined: all of it is in memory. */
  readonly maxStateBytes?: number;
}

/** So many open keys: counted, killed, restored, closed; every result compared. */
export async function openKeys(scene: Scene, { keys, events, maxStateBytes }: OpenKeys): Promise<Aim[]> {
  const { brokers, registryUrl, admin } = scene;
  const name = `${scene.name}-open-${keys}${maxStateBytes === undefined ? '' : '-disk'}`;
  const stateDir = await mkdtemp(join(tmpdir(), 'millrace-open-keys-'));
  const topic = `${name}-clicks`;
  await fillTopic(scene, topic, { partitions: partitionCount, clicks: keyed(events, keys) });
  const settings = {
    name,
    topic,
    brokers,
    registryUrl,
    windowMs,
    emit: 'onClose',
    ...(maxStateBytes !== undefined && { startOptions: { maxStateBytes, stateDir } }),
  } as const;
  const first = new Child(settings);
  const counted = await first.next('counted').finally(() => first.kill());
  if (counted.records !== events || (maxStateBytes === undefined && counted.keys !== keys))
    throw new Error(
      `${counted.records} records and ${counted.keys} open keys, expected ${events} and ${keys}`,
    );
  const second = new Child(settings);
  try {
    const { restoreMs, restoredRecords } = await second.next('running');
    console.log(
      `  ${keys.toLocaleString('en').padStart(9)} open keys: ${perSecond(events, counted.elapsedMs)} events/s, ${(counted.cpuMs / 1_000 / (events / 1e6)).toFixed(2)} CPU s per million, ${counted.peakMb.toFixed(0)} MB at most${maxStateBytes === undefined ? '' : ` with ${maxStateBytes / 2 ** 20} MB for windows, ${counted.diskMb.toFixed(0)} MB on disk`}; restored after a kill in ${(restoreMs / 1_000).toFixed(2)} s from ${restoredRecords} changelog records`,
    );
    await appendClicks(
      { brokers, registryUrl },
      topic,
      Array.from({ length: partitionCount }, (_, partition) => ({
        ...click(0, 1),
        event_time: startMs + 2 * windowMs,
        user_id: `user-${partition}`,
        partition,
      })),
    );
    // It may have caught up between two of them.
    for (let closed = 0; closed < partitionCount;) closed += (await second.next('counted')).records;
    await compare(settings, { keys, count: events / keys });
    return keys < 1_000_000 || maxStateBytes !== undefined
      ? []
      : [atMost(`restore ${keys} keys`, restoreAimS, restoreMs / 1_000, 's')];
  } finally {
    await second.kill();
    await admin.deleteTopics({ topics: [topic] });
    await rm(stateDir, { recursive: true, force: true });
  }
}

const perSecond = (events: number, elapsedMs: number): string =>
  Math.round(events / (elapsedMs / 1_000)).toLocaleString('en');

/** Throws unless there is one result for each key, with its count. */
async function compare(
  settings: ProcessSettings,
  { keys, count }: { readonly keys: number; readonly count: number },
): Promise<void> {
  const { name, brokers, registryUrl } = settings;
  const read = readCounts(registryUrl, clicksPerUser(settings), 'user_id');
  const seen = new Set<string>();
  await readAll(topicNames.results(name, 'counts'), brokers, async (key, value) => {
    const result = await read(key, value);
    if (seen.has(result.key) || result.count !== count)
      throw new Error(`${result.key}: ${result.count}, expected ${count} once`);
    seen.add(result.key);
  });
  if (seen.size !== keys) throw new Error(`${seen.size} results, expected ${keys}`);
}
