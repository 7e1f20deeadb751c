import { join } from 'node:path';
import { topicNames } from '@millrace/streams';
import { enginePipeline } from './clicks.ts';
import { groupedBy } from './engine.ts';
import type { Engine } from './engine.ts';
import { readCounts } from './read-counts.ts';

export const millrace: Engine = {
  id: 'millrace',
  title: 'Millrace',
  settings: 'exactly once, changelog, commit every 100 ms, one thread',
  makesTopic: true,
  resultsTopic: (name) => topicNames.results(name, 'counts'),
  command: ({ name, topic, job, brokers, registryUrl }) =>
    Promise.resolve({
      file: process.execPath,
      args: [
        '--conditions=@millrace/source',
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, 'millrace-job.ts'),
        JSON.stringify({ name, topic, job, brokers, registryUrl }),
      ],
    }),
  reader: ({ name, topic, job, registryUrl }) =>
    readCounts(registryUrl, enginePipeline(name, topic, job), groupedBy[job]),
};
