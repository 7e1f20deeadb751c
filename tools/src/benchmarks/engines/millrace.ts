import { join } from 'node:path';
import { createReader, connectRegistry } from '@millrace/schemas';
import { resultsSchema, topicNames } from '@millrace/streams';
import { enginePipeline } from './clicks.ts';
import { groupedBy } from './engine.ts';
import type { Engine, JobRun } from './engine.ts';

/** The process of a run of ours; `settings` are further options of `startPipeline`. */
export function millraceCommand(run: JobRun, settings: object = {}) {
  const { name, topic, job, brokers, registryUrl } = run;
  return {
    file: process.execPath,
    args: [
      '--conditions=@millrace/source',
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, 'millrace-job.ts'),
      JSON.stringify({ name, topic, job, brokers, registryUrl, ...settings }),
    ],
  };
}

export const millrace: Engine = {
  id: 'millrace',
  title: 'Millrace',
  settings: 'exactly once, changelog, commit every 100 ms, one thread',
  makesTopic: true,
  resultsTopic: (name) => topicNames.results(name, 'counts'),
  command: (run) => Promise.resolve(millraceCommand(run)),
  reader({ name, topic, job, registryUrl }) {
    const field = groupedBy[job];
    const reader = createReader({
      registry: connectRegistry({ url: registryUrl }),
      schema: resultsSchema(enginePipeline(name, topic, job), 'counts') as never,
      fields: [field, 'windowStart', 'clicks'] as never,
    });
    const row = reader.row as Record<string, unknown>;
    return async (_key, value) => {
      let status = reader.read(value, 0, value.length);
      if (status === 1) {
        await reader.resolve();
        status = reader.read(value, 0, value.length);
      }
      if (status !== 0) throw new Error(`a result cannot be read: ${reader.fault?.message}`);
      return {
        key: String(row[field]),
        windowStart: Number(row['windowStart']),
        count: Number(row['clicks']),
      };
    };
  },
};
