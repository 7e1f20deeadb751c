import type { Row } from '../definition/compile-expression.ts';
import type { PipelineDefinition } from '../definition/pipeline-definition.ts';
import type { Task } from '../tasks/task.ts';
import { defaultLimit } from './query.ts';
import type { PartQuery, QueryAnswer } from './query.ts';
import { queryKey } from './query-plan.ts';

/**
 * Reads open windows out of the tasks of one worker: filling ones, and closed ones still within grace. Tasks that are being
 * restored do not answer.
 * @throws STREAMS_QUERY for a view that the pipeline does not have, or that keeps no windows
 */
export function queryTasks(
  definition: PipelineDefinition,
  tasks: readonly Task[],
  query: PartQuery,
): QueryAnswer {
  const { by, codec, key } = queryKey(definition, query);
  const rows: Row[] = [];
  const { view, limit = defaultLimit, fromMs, toMs } = query;
  let watermark = Infinity;
  let isComplete = true;
  const partitions: number[] = [];
  for (const task of tasks)
    for (const target of task.views) {
      if (target.view !== view || target.log === undefined || task.isRestoring) continue;
      if (!query.partitions.includes(task.id.partition)) continue;
      partitions.push(task.id.partition);
      watermark = Math.min(watermark, target.watermark);
      target.read(
        ({ key: found, ...rest }) => {
          if (rows.length >= limit) {
            isComplete = false;
            return;
          }
          const values = codec.decode(found as string);
          rows.push({ ...Object.fromEntries(by.map((name, at) => [name, values[at]])), ...rest });
        },
        {
          ...(key === undefined ? {} : { key }),
          ...(fromMs === undefined ? {} : { fromMs }),
          ...(toMs === undefined ? {} : { toMs }),
        },
      );
    }
  return { rows, watermark: partitions.length === 0 ? -Infinity : watermark, isComplete, partitions };
}
