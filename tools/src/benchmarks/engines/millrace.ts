import { join } from 'node:path';
import { topicNames } from '@millrace/streams';
import { enginePipeline } from './clicks.ts';
import { groupedBy } from './engine.ts';
import type { Engine } from './engine.ts';
import { readCounts } from './read-counts.ts';

/** What libs/streams/README.md advises: compile early, optimize late. */
const v8Options = ['--invocation-count-for-maglev=100', '--invocation-count-for-turbofan=30000'];

const engine = (id: Engine['id'], workers: number, settings: string): Engine => ({
  id,
  title: 'Millrace',
  settings: `exactly once, changelog, commit every 100 ms, ${settings}, node ${v8Options.join(' ')}`,
  makesTopic: true,
  resultsTopic: (name) => topicNames.results(name, 'counts'),
  command: ({ name, topic, job, brokers, registryUrl }) =>
    Promise.resolve({
      file: process.execPath,
      args: [
        ...v8Options,
        '--conditions=@millrace/source',
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, 'millrace-job.ts'),
        JSON.stringify({ name, topic, job, brokers, registryUrl, workers }),
      ],
    }),
  reader: ({ name, topic, job, registryUrl }) =>
    readCounts(registryUrl, enginePipeline(name, topic, job), groupedBy[job]),
});

export const millrace = engine('millrace', 1, 'one thread');
export const millraceOnTwo = engine('millrace-2', 2, 'two threads');
