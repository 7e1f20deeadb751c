import type { PipelineDefinition } from '@millrace/streams';
import type { GoldenEvent } from '../src/golden-event.ts';

/** The name of the field with a source's event time. */
export function timeField(definition: PipelineDefinition, source: string): string {
  const { eventTime, schema } = definition.sources[source]!;
  const name = eventTime ?? schema.fields.find((field) => field.eventTime === true)?.name;
  if (name === undefined) throw new Error(`source "${source}" has no event time`);
  return name;
}

export const timeOf = (definition: PipelineDefinition, { source, value }: GoldenEvent): number =>
  Number(value[timeField(definition, source)]);

export const lastTimeMs = (definition: PipelineDefinition, events: readonly GoldenEvent[]): number =>
  events.reduce((last, event) => Math.max(last, timeOf(definition, event)), 0);
