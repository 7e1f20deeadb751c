import type { Row } from '../definition/compile-expression.ts';

export interface Query {
  readonly view: string;
  /** Values of the view's `by` columns; all keys when absent. */
  readonly key?: Row;
  /** Windows that end after `fromMs` and start before `toMs`. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Rows at most; default 10,000. */
  readonly limit?: number;
}

export interface QueryAnswer {
  readonly rows: readonly Row[];
  /** The least watermark over the tasks that answered: how complete the rows are. -Infinity before the first event. */
  readonly watermark: number;
  /** False when partitions that were asked for did not answer, or `limit` cut rows off. */
  readonly isComplete: boolean;
  /** The partitions that answered. */
  readonly partitions: readonly number[];
}

/** A query of some partitions of the view's stage. */
export interface PartQuery extends Query {
  readonly partitions: readonly number[];
}

/** What one instance asks another: partitions that this one holds by the assignment of a generation. */
export interface PeerQuery extends PartQuery {
  readonly generationId: number;
}

/** An answer holds no more rows than this unless told so. */
export const defaultLimit = 10_000;
/** One that goes over HTTP never does: it is made in memory. */
export const maxRows = 10_000;

/** Several answers to one query, of other partitions each, as one. */
export function mergeAnswers(answers: readonly QueryAnswer[], { limit = defaultLimit }: Query): QueryAnswer {
  const rows = answers.flatMap((answer) => answer.rows);
  const heard = answers.filter((answer) => answer.partitions.length > 0);
  return {
    rows: rows.slice(0, limit),
    watermark: heard.length === 0 ? -Infinity : Math.min(...heard.map(({ watermark }) => watermark)),
    isComplete: rows.length <= limit && answers.every((answer) => answer.isComplete),
    partitions: answers.flatMap((answer) => answer.partitions).sort((a, b) => a - b),
  };
}
