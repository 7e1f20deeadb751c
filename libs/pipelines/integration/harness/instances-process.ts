import { beChildProgram } from '@millrace/embedded/testing';
import { connectRegistry, createSerdes } from '@millrace/schemas';
import { startPipeline } from '@millrace/streams';
import { pipelines } from '../../src/index.ts';
import { renamed, runtimeOptions } from './run.ts';
import type { InstanceSettings } from './run.ts';

/** One instance of each pipeline, to be killed and frozen; prints, often, how they stand. */
beChildProgram();
const recovered = new Set<string>();
const all = await Promise.all(
  (JSON.parse(process.argv[2]!) as InstanceSettings[]).map((settings) => {
    const { brokers, registryUrl, instanceId, clockAheadMs, commitIntervalMs } = settings;
    const original = pipelines.find(({ name }) => name === settings.pipeline)!;
    return startPipeline(renamed(original, settings), {
      brokers,
      instanceId,
      serdes: createSerdes({ registry: connectRegistry({ url: registryUrl }), autoRegister: true }),
      now: () => Date.now() + clockAheadMs,
      ...runtimeOptions,
      ...(commitIntervalMs === undefined ? {} : { commitIntervalMs }),
      onEvent: ({ event }) => event === 'recovering' && recovered.add(settings.name),
    });
  }),
);
setInterval(() => {
  const atWork = all.filter(
    ({ tasks }) => tasks.length > 0 && tasks.every(({ state }) => state === 'running'),
  );
  const counting = all.filter(({ counters }) => counters.records > 0);
  const status = { atWork: atWork.length, counting: counting.length, recovered: recovered.size };
  process.stdout.write(`${JSON.stringify(status)}\n`);
}, 50);
await Promise.all(all.map(({ finished }) => finished));
