import { parseArgs } from 'node:util';
import { startKafka, startRegistry } from '@millrace/embedded';
import { Kafka, logLevel } from 'kafkajs';
import type { Aim, Bench } from '../bench.ts';
import { deleteTopics } from '../engines/topics.ts';
import { latency } from './latency.ts';
import { openKeys } from './open-keys.ts';
import type { Scene } from './scene.ts';
import { spread } from './spread.ts';

interface Part {
  readonly title: string;
  run(scene: Scene, events: number): Promise<Aim[]>;
}

const parts: Record<string, Part> = {
  latency: {
    title: 'from produce to the readable result, 10,000 events a second',
    run: async (scene) => [
      ...(await latency(scene, { commitIntervalMs: 100, seconds: 10, aims: { p50: 120, p99: 250 } })),
      ...(await latency(scene, { commitIntervalMs: 10, seconds: 10, aims: { p99: 60 } })),
    ],
  },
  keys: {
    title: 'open keys, 4 partitions, one process',
    run: async (scene) => [
      ...(await openKeys(scene, { keys: 10_000, events: 1_000_000 })),
      ...(await openKeys(scene, { keys: 1_000_000, events: 1_000_000 })),
    ],
  },
  disk: {
    title: 'open keys with memory for a part of them, 4 partitions, one process',
    run: (scene) => openKeys(scene, { keys: 1_000_000, events: 2_000_000, maxStateBytes: 16 * 2 ** 20 }),
  },
  spread: {
    title: 'the wide job over partitions and processes',
    run: async (scene, events) => {
      for (const partitions of [1, 4, 16, 64])
        await spread(scene, { partitions, processes: partitions === 4 ? [1, 2] : [1], events });
      return [];
    },
  },
};

const usage = `usage: npm run bench -- streams-scaling [--only PART,...] [--events N]

On the cluster that MILLRACE_TEST_KAFKA_BROKERS names, else on the embedded broker. Parts:
${Object.entries(parts)
  .map(([name, { title }]) => `  ${name.padEnd(9)}${title}`)
  .join('\n')}

  --events N   of the part spread, default 500,000`;

export const bench: Bench = {
  name: 'streams-scaling',
  summary: 'latency, restoring, open keys, partitions and processes',
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        events: { type: 'string', default: '500000' },
        help: { type: 'boolean' },
      },
    });
    if (values.help === true) {
      console.log(usage);
      return [];
    }
    const real = process.env['MILLRACE_TEST_KAFKA_BROKERS'];
    const kafka = real === undefined ? await startKafka() : undefined;
    const brokers = real?.split(',') ?? kafka!.brokers;
    const name = `scaling-${Date.now().toString(36)}`;
    const registry = await startRegistry({ kafka: { brokers }, topic: `${name}-schemas` });
    const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const aims: Aim[] = [];
    try {
      for (const [part, { title, run }] of Object.entries(parts)) {
        if (values.only !== undefined && !values.only.split(',').includes(part)) continue;
        console.log(title);
        aims.push(...(await run({ name, brokers, registryUrl: registry.url, admin }, Number(values.events))));
      }
    } finally {
      await registry.stop();
      await deleteTopics(admin, name);
      await admin.disconnect();
      await kafka?.stop();
    }
    return aims;
  },
};
