import type { PipelineDefinition } from '../../definition/pipeline-definition.ts';
import { StreamsError } from '../../errors.ts';
import type { ClusterOptions } from '../../kafka/cluster.ts';
import type { Serdes } from '../ports.ts';
import { isSerdesModule } from '../serdes-module.ts';
import type { SerdesModule } from '../serdes-module.ts';
import { pathToNonData } from './plain-data.ts';

/** More threads than a large machine has cores are a mistake. */
const maxWorkers = 256;

export interface WorkersRequest extends Pick<ClusterOptions, 'tls' | 'sasl'> {
  readonly workers?: number | undefined;
  readonly serdes: Serdes | SerdesModule;
  readonly now?: (() => number) | undefined;
}

/** Looks whether everything that several workers need can go to their threads. @throws STREAMS_WORKERS */
export function checkWorkers(definition: PipelineDefinition, request: WorkersRequest): void {
  const { workers = 1, serdes, tls, sasl, now } = request;
  const refuse = (message: string) => {
    throw new StreamsError('STREAMS_WORKERS', `pipeline "${definition.name}": ${message}`);
  };
  if (!Number.isInteger(workers) || workers < 1 || workers > maxWorkers)
    refuse(`workers must be a whole number from 1 to ${maxWorkers}, not ${String(workers)}`);
  if (workers === 1) return;
  const cannotGo = `cannot go to the threads of workers: ${workers}`;
  if (!isSerdesModule(serdes)) {
    refuse(
      `serdes are functions and ${cannotGo}; give { module, settings } instead, e.g. registrySerdes({ url }) of @millrace/schemas`,
    );
    return;
  }
  if (now !== undefined) refuse(`"now" is a function and ${cannotGo}; leave it out, or run one worker`);
  const data = { definition, 'serdes.settings': serdes.settings, tls, sasl };
  for (const [option, value] of Object.entries(data)) {
    const path = pathToNonData(value, option);
    if (path !== undefined)
      refuse(
        `${path} is not plain data and ${cannotGo}; give text, numbers, buffers and plain objects of them, or run several processes with one worker each`,
      );
  }
}
