import type { PipelineDefinition } from '../definition/pipeline-definition.ts';
import type { Topology } from '../topology/topology.ts';
import type { Task } from '../tasks/task.ts';

export interface TaskStatus {
  readonly task: string;
  readonly stage: string;
  readonly topic: string;
  readonly partition: number;
  readonly state: 'restoring' | 'running';
  /** The next offset to read; of a task that reads several topics, the sum of theirs, as is `lag`. */
  readonly position: number;
  /** Records that are there and not counted yet; -1 before the first answer. */
  readonly lag: number;
  readonly watermark: number;
  readonly keys: number;
  readonly windows: number;
  /** Of its changelog that is still needed: about what a restore reads. */
  readonly stateBytes: number;
  /** About what its windows take in memory, and on disk; 0 without `maxStateBytes`. */
  readonly memoryBytes: number;
  readonly diskBytes: number;
  /** How much of its state is there again, from 0 to 1. */
  readonly restored: number;
}

export function taskStatus(task: Task, topology: Topology): TaskStatus {
  const { id, name, isRestoring, restored, inputs, views, watermark } = task;
  const stage = topology.stages[id.stage]!;
  return {
    task: name,
    stage: stage.name,
    topic: stage.topics.join(', '),
    partition: id.partition,
    state: isRestoring ? 'restoring' : 'running',
    position: inputs.reduce((sum, { position }) => sum + position, 0),
    lag: inputs.some(({ lag }) => lag < 0) ? -1 : inputs.reduce((sum, { lag }) => sum + lag, 0),
    watermark,
    keys: views.reduce((sum, view) => sum + view.size.keys, 0),
    windows: views.reduce((sum, view) => sum + view.size.windows, 0),
    stateBytes: views.reduce((sum, view) => sum + (view.log?.chunkBytes ?? 0), 0),
    memoryBytes: task.disk?.memoryBytes ?? 0,
    diskBytes: task.disk?.diskBytes ?? 0,
    restored: isRestoring ? restored : 1,
  };
}

/** The least watermark of each view over these tasks. */
export function viewWatermarks(
  tasks: Iterable<Task>,
  { definition, topology }: { readonly definition: PipelineDefinition; readonly topology: Topology },
): Record<string, number> {
  const watermarks: Record<string, number> = {};
  for (const { views, id } of tasks)
    for (const { view, watermark } of views) {
      const stage = topology.stages[id.stage]!;
      // Partial windows are not the view yet.
      if (definition.views[view] === undefined || stage.partials.includes(view)) continue;
      watermarks[view] = Math.min(watermarks[view] ?? Infinity, watermark);
    }
  return watermarks;
}
