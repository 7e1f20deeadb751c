import type { PipelineDefinition } from '@millrace/streams';

/** A pipeline under another name, reading topics of its own, so that runs do not meet. */
export function renamed(
  definition: PipelineDefinition,
  { name, topics, idleAfterMs }: { name: string; topics: string; idleAfterMs: number },
): PipelineDefinition {
  const sources = Object.entries(definition.sources).map(([source, settings]) => [
    source,
    { ...settings, topic: `${topics}-${settings.topic}`, idleAfterMs },
  ]);
  return { ...definition, name, sources: Object.fromEntries(sources) };
}

/** What an instance in a process of its own is told. */
export interface InstanceSettings {
  readonly pipeline: string;
  readonly name: string;
  readonly topics: string;
  readonly idleAfterMs: number;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly instanceId: string;
  readonly clockAheadMs: number;
  readonly commitIntervalMs?: number;
}

/** Short, so that faults are got over in seconds. */
export const runtimeOptions = {
  sessionTimeoutMs: 6_000,
  transactionTimeoutMs: 5_000,
  commitIntervalMs: 50,
} as const;
