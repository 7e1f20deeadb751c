import type { PipelineDefinition } from '../definition/pipeline-definition.ts';
import { isWindowed } from '../definition/pipeline-definition.ts';
import { viewScope } from '../definition/view-scope.ts';
import { StreamsError } from '../errors.ts';
import { groupKeyCodec, partitionOfKey } from '../tasks/group-key.ts';
import type { GroupKeyCodec } from '../tasks/group-key.ts';
import type { Topology } from '../topology/topology.ts';
import type { Query } from './query.ts';

/** How a query's key is held by the engine. @throws STREAMS_QUERY for a view without windows, or a key that lacks a column */
export function queryKey(
  definition: PipelineDefinition,
  query: Query,
): { readonly by: readonly string[]; readonly codec: GroupKeyCodec; readonly key: string | undefined } {
  const view = Object.hasOwn(definition.views, query.view) ? definition.views[query.view] : undefined;
  if (view === undefined || !isWindowed(view))
    throw new StreamsError(
      'STREAMS_QUERY',
      `pipeline "${definition.name}" has no windowed view "${query.view}" to query; read its results topic or store`,
    );
  const scope = viewScope(definition, view);
  const by = view.by ?? [];
  const codec = groupKeyCodec(by.map((name) => ({ name, type: scope.get(name)!.type })));
  if (query.key === undefined) return { by, codec, key: undefined };
  const key = codec.encode(query.key);
  const unknown = Object.keys(query.key).find((name) => !by.includes(name));
  if (key === undefined || unknown !== undefined)
    throw new StreamsError(
      'STREAMS_QUERY',
      `a key of view "${query.view}" needs a value for each of ${by.join(', ')} and no other column`,
    );
  return { by, codec, key };
}

/**
 * The stage whose tasks hold a view's windows, and the partitions that a query concerns: by its key one, where windows came
 * through a repartition topic; else all, since only the producers know where they put a key.
 */
export function queryPlan(
  { definition, topology }: { readonly definition: PipelineDefinition; readonly topology: Topology },
  partitionsOf: (topic: string) => number,
  query: Query,
): { readonly stage: number; readonly partitions: readonly number[] } {
  const { key } = queryKey(definition, query);
  const stage = topology.stages.findIndex(
    (one) => (one.kind === 'merge' && one.view === query.view) || one.windows.includes(query.view),
  );
  const { kind, topic, name } = topology.stages[stage]!;
  const count = partitionsOf(topic);
  if (key !== undefined && kind === 'merge' && name === query.view)
    return { stage, partitions: [partitionOfKey(key, count)] };
  return { stage, partitions: Array.from({ length: count }, (_, partition) => partition) };
}
