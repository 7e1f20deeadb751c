import { createHash } from 'node:crypto';
import { StreamsError } from '../errors.ts';
import { neededOf } from '../definition/needed-fields.ts';
import { isWindowed, sidesOf } from '../definition/pipeline-definition.ts';
import type { PipelineDefinition, WindowedView } from '../definition/pipeline-definition.ts';
import { eventTimeOf } from '../definition/scope.ts';
import { statefulIn } from '../topology/topology.ts';
import type { Stage } from '../topology/topology.ts';

/** What is committed beside each offset: by what definition the state up to there was made. */
interface Stamp {
  readonly version: 1;
  readonly partitions: number;
  /** Hashes of what decides each view's state. */
  readonly views: Readonly<Record<string, string>>;
}

/** The stamp of one stage, as text. */
export function stampOf(definition: PipelineDefinition, stage: Stage, partitions: number): string {
  const views: Record<string, string> = {};
  for (const name of statefulIn(definition, stage)) views[name] = hashOf(definition, name);
  return JSON.stringify({ version: 1, partitions, views } satisfies Stamp);
}

/** Only what changes the meaning of kept state: not panels, sinks, emit or how far out of order events may come. */
function hashOf(definition: PipelineDefinition, name: string): string {
  const join = definition.joins?.[name];
  if (join !== undefined) {
    const sides = sidesOf(join).map((side) => inputOf(definition, side));
    return shortHash([...sides, join, [...neededOf(definition, name)].sort()]);
  }
  if (definition.processes?.[name] !== undefined) return shortHash(inputOf(definition, name));
  const view = definition.views[name]!;
  if (!isWindowed(view)) return '';
  const { from, flatten, derive, where, by, window, select } = view;
  return shortHash([...inputOf(definition, from), flatten, derive, where, by, window, select]);
}

const shortHash = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);

/** What decides the rows that a view reads. */
function inputOf(definition: PipelineDefinition, from: string): unknown[] {
  const source = definition.sources[from];
  if (source !== undefined) return [source.topic, eventTimeOf(source)];
  const process = definition.processes?.[from];
  if (process !== undefined) {
    // Not where the module lies, which may differ between machines: what it is called, and what it says of itself.
    const returned = process.returns.fields.map(({ name, type }) => [name, type]);
    const { export: code, version = 0, by } = process;
    return [...inputOf(definition, process.from), from, code, version, by, returned];
  }
  if (definition.joins?.[from] !== undefined) return [hashOf(definition, from)];
  const { compute, having } = definition.views[from] as WindowedView;
  return [hashOf(definition, from), compute, having];
}

/**
 * Compares a committed stamp with the one that the definition has now.
 * @throws STREAMS_PARTITION_COUNT or STREAMS_CHANGED_DEFINITION, saying what differs and what to do
 */
export function checkStamp(committed: string, now: string, place: { topic: string; pipeline: string }): void {
  const before = parse(committed);
  const after = parse(now)!;
  if (before === undefined) return;
  const remedy = `reset pipeline "${place.pipeline}" (its sources are then read again), or run the new definition under another name`;
  if (before.partitions !== after.partitions)
    throw new StreamsError(
      'STREAMS_PARTITION_COUNT',
      `topic "${place.topic}" had ${before.partitions} partitions when the state of pipeline "${place.pipeline}" was made and has ${after.partitions} now, so that keys lie elsewhere; reset it with its topics made anew (millrace-streams reset … --to-earliest --recreate-topics), or run it under another name`,
    );
  const changed = Object.keys({ ...before.views, ...after.views }).filter(
    (view) => before.views[view] !== after.views[view],
  );
  if (changed.length > 0)
    throw new StreamsError(
      'STREAMS_CHANGED_DEFINITION',
      `the state of pipeline "${place.pipeline}" was made by another definition of ${changed.map((view) => `"${view}"`).join(', ')}; ${remedy}`,
    );
}

function parse(text: string): Stamp | undefined {
  try {
    const stamp = JSON.parse(text) as Stamp;
    return stamp.version === 1 ? stamp : undefined;
  } catch {
    // Offsets that a tool committed carry no stamp.
    return undefined;
  }
}
