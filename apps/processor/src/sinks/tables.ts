import type { Table } from '@millrace/storage';
import { type PipelineDefinition, topicNames, viewTable } from '@millrace/streams';
import { SERVING } from '../config.ts';

/** The sinks that a pipeline's views name. */
export function sinkNames(definition: PipelineDefinition): string[] {
  return [...new Set(Object.values(definition.views).flatMap(({ sinks = [SERVING] }) => sinks))];
}

/** The table of each results topic of a pipeline that goes to the sink. */
export function resultTables(definition: PipelineDefinition, sink: string): Map<string, Table> {
  return new Map(
    Object.entries(definition.views)
      .filter(([, { sinks = [SERVING] }]) => sinks.includes(sink))
      .map(([view]) => [topicNames.results(definition.name, view), viewTable(definition, view)]),
  );
}
