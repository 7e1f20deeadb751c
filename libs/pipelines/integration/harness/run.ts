import type { PipelineDefinition, StartOptions } from '@millrace/streams';
import { pipelines } from '../../src/index.ts';

/** A pipeline under another name, reading topics of its own, so that runs do not meet. */
export interface Place {
  /** Its own name. */
  readonly pipeline: string;
  readonly name: string;
  readonly topics: string;
  readonly idleAfterMs: number;
  /** How far the last event is in the future. */
  readonly aheadMs: number;
}

export function definitionAt({ pipeline, name, topics, idleAfterMs, aheadMs }: Place): PipelineDefinition {
  const definition = pipelines.find((one) => one.name === pipeline)!;
  const sources = Object.entries(definition.sources).map(([source, settings]) => {
    const { topic, maxFutureMs } = settings;
    return [
      source,
      {
        ...settings,
        topic: `${topics}-${topic}`,
        idleAfterMs,
        ...(maxFutureMs === undefined ? {} : { maxFutureMs: maxFutureMs + aheadMs }),
      },
    ];
  });
  return { ...definition, name, sources: Object.fromEntries(sources) };
}

/** What an instance in a process of its own is told. */
export interface InstanceSettings {
  readonly place: Place;
  /** Plain data. */
  readonly options: Pick<StartOptions, 'brokers' | 'serdes' | 'instanceId' | 'workers' | 'commitIntervalMs'>;
}

/** Short, so that faults are got over in seconds. */
export const runtimeOptions = {
  sessionTimeoutMs: 6_000,
  transactionTimeoutMs: 5_000,
  commitIntervalMs: 50,
} as const;
