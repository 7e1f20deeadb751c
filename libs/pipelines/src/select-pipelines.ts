import type { PipelineDefinition } from '@millrace/streams';
import { PipelinesError } from './errors.ts';
import { pipelines } from './pipelines.ts';

/**
 * The pipelines that a list such as `web-logs,clickstream` (the variable `PIPELINES`) names; all of them without one.
 *
 * @throws PipelinesError PIPELINES_UNKNOWN naming those there are
 */
export function selectPipelines(names = ''): readonly PipelineDefinition[] {
  const wanted = names.split(',').flatMap((name) => name.trim() || []);
  const known = new Map(pipelines.map((definition) => [definition.name, definition]));
  const unknown = wanted.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    const quoted = unknown.map((name) => `"${name}"`).join(', ');
    throw new PipelinesError(
      'PIPELINES_UNKNOWN',
      `PIPELINES names ${quoted}; there are ${[...known.keys()].join(', ')}`,
    );
  }
  return wanted.length === 0 ? pipelines : pipelines.filter(({ name }) => wanted.includes(name));
}
