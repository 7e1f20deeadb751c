import { connectRegistry, createSerdes } from '@millrace/schemas';
import { startPipeline } from '@millrace/streams';
import { pipelines } from '../../src/index.ts';
import { renamed, runtimeOptions } from './run.ts';
import type { InstanceSettings } from './run.ts';

/** One instance of a pipeline, to be killed. Says so on its output once its tasks run. */
const settings = JSON.parse(process.argv[2]!) as InstanceSettings;
const { brokers, registryUrl, instanceId, clockAheadMs } = settings;
const running = await startPipeline(
  renamed(
    pipelines.find(({ name }) => name === settings.pipeline)!,
    settings,
  ),
  {
    brokers,
    instanceId,
    serdes: createSerdes({ registry: connectRegistry({ url: registryUrl }), autoRegister: true }),
    now: () => Date.now() + clockAheadMs,
    ...runtimeOptions,
  },
);
const look = setInterval(() => {
  if (running.tasks.length === 0 || running.tasks.some(({ state }) => state === 'restoring')) return;
  clearInterval(look);
  process.stdout.write('at work\n');
}, 10);
await running.finished;
