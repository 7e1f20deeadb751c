import type { Row } from '../definition/compile-expression.ts';
import type { QueryAnswer } from './query.ts';

/** JSON knows no infinities: a watermark before the first event is null there. */
export const answerText = (answer: QueryAnswer): string => JSON.stringify(answer);

const revived = (watermark: unknown): unknown => watermark ?? -Infinity;

/** Undefined when the text is no answer. */
export function parseAnswer(text: string): QueryAnswer | undefined {
  let parsed: Partial<QueryAnswer>;
  try {
    parsed = JSON.parse(text) as Partial<QueryAnswer>;
  } catch {
    return undefined;
  }
  const { rows, partitions, isComplete, watermark } = parsed;
  if (!Array.isArray(rows) || !Array.isArray(partitions) || typeof isComplete !== 'boolean') return undefined;
  return {
    rows: (rows as Row[]).map((row) => ({ ...row, watermark: revived(row['watermark']) })),
    watermark: revived(watermark) as number,
    isComplete,
    partitions: partitions as number[],
  };
}
