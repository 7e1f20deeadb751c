import type { Row } from '../definition/compile-expression.ts';
import { isWindowed } from '../definition/pipeline-definition.ts';
import type { PipelineDefinition } from '../definition/pipeline-definition.ts';
import { viewScope } from '../definition/view-scope.ts';
import { StreamsError } from '../errors.ts';
import { groupKeyCodec } from './group-key.ts';
import type { Task } from './task.ts';

export interface Query {
  readonly view: string;
  /** Values of the view's `by` columns; all keys when absent. */
  readonly key?: Row;
  /** Windows that end after `fromMs` and start before `toMs`. */
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly limit?: number;
}

export interface QueryAnswer {
  readonly rows: readonly Row[];
  /** The least watermark over the tasks that answered: how complete the rows are. */
  readonly watermark: number;
  /** False when some of the tasks that ought to have answered were being restored, or `limit` cut rows off. */
  readonly isComplete: boolean;
  /** The partitions that answered. */
  readonly partitions: readonly number[];
}

/** An answer holds no more rows than this unless told so. */
const defaultLimit = 10_000;

/**
 * Reads open windows out of the tasks of one process: filling ones, and closed ones still within grace.
 * @throws STREAMS_QUERY for a view that the pipeline does not have, or that keeps no windows
 */
export function queryTasks(
  definition: PipelineDefinition,
  tasks: readonly Task[],
  query: Query,
): QueryAnswer {
  const view = definition.views[query.view];
  if (view === undefined || !isWindowed(view))
    throw new StreamsError(
      'STREAMS_QUERY',
      `pipeline "${definition.name}" has no windowed view "${query.view}" to query; read its results topic or store`,
    );
  const scope = viewScope(definition, view);
  const by = view.by ?? [];
  const codec = groupKeyCodec(by.map((name) => ({ name, type: scope.get(name)!.type })));
  const key = query.key === undefined ? undefined : codec.encode(query.key);
  if (query.key !== undefined && key === undefined)
    throw new StreamsError(
      'STREAMS_QUERY',
      `a key of view "${query.view}" needs a value for each of ${by.join(', ')}`,
    );
  const rows: Row[] = [];
  const { limit = defaultLimit, fromMs, toMs } = query;
  let watermark = Infinity;
  let isComplete = true;
  const partitions: number[] = [];
  for (const task of tasks)
    for (const target of task.views) {
      if (target.view !== query.view || target.log === undefined) continue;
      if (task.isRestoring) {
        isComplete = false;
        continue;
      }
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

/** What several members of the group answered to one query, as one answer. */
export function mergeAnswers(answers: readonly QueryAnswer[], { limit = defaultLimit }: Query): QueryAnswer {
  const rows = answers.flatMap((answer) => answer.rows);
  const partitions = answers.flatMap((answer) => answer.partitions);
  const heard = answers.filter((answer) => answer.partitions.length > 0);
  return {
    rows: rows.slice(0, limit),
    watermark: heard.length === 0 ? -Infinity : Math.min(...heard.map(({ watermark }) => watermark)),
    isComplete: rows.length <= limit && answers.every((answer) => answer.isComplete),
    partitions,
  };
}
