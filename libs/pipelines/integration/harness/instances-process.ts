import { beChildProgram } from '@millrace/embedded/testing';
import { startPipeline } from '@millrace/streams';
import { definitionAt, runtimeOptions } from './run.ts';
import type { InstanceSettings } from './run.ts';

/** One instance of each pipeline, to be killed and frozen; prints, often, how they stand. */
beChildProgram();
const recovered = new Set<string>();
const all = await Promise.all(
  (JSON.parse(process.argv[2]!) as InstanceSettings[]).map(({ place, options }) =>
    startPipeline(definitionAt(place), {
      ...runtimeOptions,
      ...options,
      onEvent: ({ event }) => event === 'recovering' && recovered.add(place.name),
    }),
  ),
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
