import type { Row } from '../definition/compile-expression.ts';
import { isSampled } from './trace-context.ts';
import type { TraceContext } from './trace-context.ts';

/** Under this a row that is kept for later has its context with it, in the state and its changelog; no field can be named so. */
const carriedName = '@trace';

/** The row with a context to be kept with it; the row itself when there is none. */
export const carrying = (row: Row, trace: TraceContext | undefined): Row =>
  trace === undefined ? row : { ...row, [carriedName]: trace };

export const carriedBy = (row: Row | null): TraceContext | undefined =>
  row?.[carriedName] as TraceContext | undefined;

/** The row as it was before it was given its context. */
export function uncarried<Kept extends Row | null>(row: Kept): Kept {
  if (carriedBy(row) === undefined) return row;
  const { [carriedName]: _trace, ...fields } = row!;
  return fields as Kept;
}

/** What a joined row passes on: the context of the row that completed it, or else its partner's; a sampled one first. */
export function traceOfPair(
  rows: readonly [Row | null, Row | null],
  completing: 0 | 1,
): TraceContext | undefined {
  const trace = carriedBy(rows[completing]);
  const partners = carriedBy(rows[completing === 0 ? 1 : 0]);
  if (partners === undefined) return trace;
  return trace === undefined || (!isSampled(trace) && isSampled(partners)) ? partners : trace;
}
