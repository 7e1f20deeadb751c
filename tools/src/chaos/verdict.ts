import avsc from 'avsc';
import { Kafka, logLevel } from 'kafkajs';
import { resultsSchema, topicNames } from '@millrace/streams';
import { ClickSchema, chaosPipeline, keyOf, partitionCount, topicsOf, views, windowMs } from './clicks.ts';
import type { Click } from './clicks.ts';

export interface Verdict {
  /** Windows compared, over all views. */
  readonly checked: number;
  /** Events that a window lacks, or windows that are not there. */
  readonly lost: number;
  /** Events that a window has more than once, or windows that were handed out more than once. */
  readonly duplicated: number;
  readonly events: number;
  readonly late: number;
  /** The first few differences, in words. */
  readonly differences: readonly string[];
}

interface Cell {
  clicks: number;
  numbers: number;
}

/** Counts the source topic anew, with another client, and compares with what the pipeline wrote. */
export async function verdict(name: string, brokers: readonly string[]): Promise<Verdict> {
  const pipeline = chaosPipeline(name);
  const decodeClick = decoder<Click>(ClickSchema);
  const expected = views.map((view) => ({ view, keyOf: keyOf[view], cells: new Map<string, Cell>() }));
  const reached = new Array<number>(partitionCount).fill(-Infinity);
  let events = 0;
  await readTopic(brokers, topicsOf(name).clicks, ({ value, partition }) => {
    const click = decodeClick(value!);
    const { time, n } = click;
    reached[partition] = Math.max(reached[partition]!, time);
    events++;
    const start = Math.floor(time / windowMs) * windowMs;
    for (const { keyOf, cells } of expected) {
      const id = JSON.stringify([keyOf(click), start]);
      const cell = cells.get(id) ?? { clicks: 0, numbers: 0 };
      cells.set(id, cell);
      cell.clicks++;
      cell.numbers += n;
    }
  });
  // The last clicks stand alone, far behind all others: their windows are still open.
  const closedBefore = Math.min(...reached) - windowMs;
  let [checked, lost, duplicated] = [0, 0, 0];
  const differences: string[] = [];
  for (const { view, cells } of expected) {
    const decode = decoder<Cell & { windowStart: number }>(resultsSchema(pipeline, view));
    const found = new Map<string, { cell: Cell; times: number }>();
    await readTopic(brokers, topicNames.results(name, view), ({ key, value }) => {
      const cell = decode(value!);
      const id = key!.toString();
      found.set(id, { cell, times: (found.get(id)?.times ?? 0) + 1 });
    });
    for (const [id, cell] of cells) {
      const [, start] = JSON.parse(id) as [string, number];
      if (start >= closedBefore) continue;
      checked++;
      const result = found.get(id);
      const clicks = result?.cell.clicks ?? 0;
      lost += Math.max(0, cell.clicks - clicks);
      duplicated += Math.max(0, clicks - cell.clicks, (result?.times ?? 1) - 1);
      if (
        result === undefined ||
        result.times > 1 ||
        clicks !== cell.clicks ||
        result.cell.numbers !== cell.numbers
      )
        differences.push(
          `${view} ${id}: expected ${cell.clicks} (sum ${cell.numbers}), found ${clicks} (sum ${result?.cell.numbers}), ${result?.times ?? 0} times`,
        );
    }
    for (const id of found.keys())
      if (!cells.has(id)) {
        duplicated++;
        differences.push(`${view} ${id}: no event belongs there`);
      }
  }
  let late = 0;
  await readTopic(brokers, topicNames.late(name), () => late++);
  return { checked, lost, duplicated, events, late, differences: differences.slice(0, 10) };
}

function decoder<T>(schema: unknown): (framed: Buffer) => T {
  const type = avsc.Type.forSchema(JSON.parse(JSON.stringify(schema)) as avsc.Schema);
  return (framed) => type.fromBuffer(framed.subarray(5)) as T;
}

interface ReadRecord {
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** Nothing more is there when nothing came for this long: offsets do not tell, because transaction markers have some too. */
const quietMs = 2_000;

async function readTopic(
  brokers: readonly string[],
  topic: string,
  each: (record: ReadRecord) => void,
): Promise<void> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `verdict-${topic}-${Date.now()}` });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  let lastMs = Infinity;
  consumer.on(consumer.events.GROUP_JOIN, () => (lastMs = Date.now() + 1_000));
  await consumer.run({
    eachBatch: async ({ batch }) => {
      lastMs = Date.now();
      for (const { key, value } of batch.messages) each({ partition: batch.partition, key, value });
    },
  });
  while (Date.now() - lastMs < quietMs) await new Promise((resolve) => setTimeout(resolve, 100));
  await consumer.disconnect();
}
