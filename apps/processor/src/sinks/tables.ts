import type { Table } from '@millrace/storage';
import { type PipelineDefinition, topicNames, viewTable } from '@millrace/streams';

/** The table of each results topic of a pipeline. */
export function resultTables(definition: PipelineDefinition): Map<string, Table> {
  return new Map(
    Object.keys(definition.views).map((view) => [
      topicNames.results(definition.name, view),
      viewTable(definition, view),
    ]),
  );
}
