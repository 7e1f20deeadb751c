import { formatNumber, type AnswerPanel, type Column, type ResultRow } from '@millrace/views';
import { lastWindows, type TimeRange } from '../../lib/time-range.ts';
import { combineNumbers, numberIn } from './combine.ts';

/** The sentence at the top of a page, in parts. */
export interface Answer {
  readonly parts: readonly { readonly number: string; readonly words: string }[];
  readonly range: TimeRange;
  readonly windows: { readonly filling: number; readonly final: number; readonly revised: number };
  /** Simulated events among the first part's number; null where the view does not tell. */
  readonly simulated: { readonly count: number; readonly of: number } | null;
}

/** Answers `panel` from the rows of its view, over the last whole windows up to now. */
export function answerOf(
  panel: AnswerPanel,
  rows: readonly ResultRow[],
  { columns, windowMs, nowMs }: { columns: readonly Column[]; windowMs: number; nowMs: number },
): Answer {
  const range = lastWindows(nowMs, panel.overMs, windowMs);
  const recent = rows.filter(({ windowStart }) => windowStart >= range.fromMs && windowStart < range.toMs);
  const total = (field: string, how: AnswerPanel['parts'][number]['combine']) =>
    combineNumbers(
      recent.map((row) => numberIn(row, field)),
      how,
    );
  const parts = panel.parts.map(({ y, of, combine, unit, words }) => {
    const value = total(y, combine);
    const divisor = of === undefined ? null : total(of, combine);
    const isSum = combine === undefined || combine === 'sum';
    const shown = of === undefined ? (value ?? (isSum ? 0 : null)) : ratio(value, divisor);
    const columnUnit = columns.find(({ name }) => name === y)?.unit;
    return { number: formatNumber(shown, unit ?? (of === undefined ? columnUnit : 'ratio')), words };
  });
  const first = panel.parts[0];
  const simulated =
    panel.simulated === undefined || first === undefined
      ? null
      : { count: total(panel.simulated, 'sum') ?? 0, of: total(first.y, 'sum') ?? 0 };
  const inState = (state: ResultRow['state']) => recent.filter((row) => row.state === state).length;
  return {
    parts,
    range,
    windows: { filling: inState('filling'), final: inState('final'), revised: inState('revised') },
    simulated,
  };
}

function ratio(value: number | null, divisor: number | null): number | null {
  return value === null || divisor === null || divisor === 0 ? null : value / divisor;
}
