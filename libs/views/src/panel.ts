import type { Unit } from './column.ts';

/** How the values of several windows become one: `sum` for counts, `max`/`min`/`mean`/`last` for what cannot be added. */
export type Combine = 'sum' | 'max' | 'min' | 'mean' | 'last';

interface PanelBase {
  /** States what is shown; without one it is made of the field's name and unit. */
  readonly title?: string;
  /** Overrides the column's unit. */
  readonly unit?: Unit;
}

/** Values over event time: one line or row of bars per field of `y`, or per value of `series`. */
export interface TimeSeriesPanel<Field extends string = string> extends PanelBase {
  readonly type: 'timeSeries';
  readonly y: readonly Field[];
  readonly series?: Field;
  /** Show the `top` largest series, the others summed as *other* where `combine` is `sum`. */
  readonly top?: number;
  readonly shape?: 'line' | 'bars';
  readonly combine?: Combine;
}

/** One bar per category over the page's time range, largest first. */
export interface BarsPanel<Field extends string = string> extends PanelBase {
  readonly type: 'bars';
  readonly y: Field;
  /** The column that names the bars; absent when `y` is itself a list of `{ value, count }`, as a top-N aggregate gives. */
  readonly by?: Field;
  readonly top?: number;
  readonly combine?: Combine;
}

/**
 * Columns that count how many came so far, from the first step to the last: one bar each, in this order, over the page's time
 * range, with its share of the step before.
 */
export interface StepsPanel<Field extends string = string> extends PanelBase {
  readonly type: 'steps';
  readonly y: readonly Field[];
}

/** One number over the last `overMs` (or the page's time range). */
export interface StatPanel<Field extends string = string> extends PanelBase {
  readonly type: 'stat';
  readonly y: Field;
  /** Divides the combined `y` by the combined `of`, as errors by requests. */
  readonly of?: Field;
  readonly overMs?: number;
  readonly combine?: Combine;
}

/** The rows themselves; without `columns` all of them. */
export interface TablePanel<Field extends string = string> extends PanelBase {
  readonly type: 'table';
  readonly columns?: readonly Field[];
  readonly limit?: number;
}

/**
 * What needs a person, newest first, above everything else on the page: when, how grave, who or what, and the reason in words.
 * Each row of the view is a finding.
 */
export interface FindingsPanel<Field extends string = string> extends PanelBase {
  readonly type: 'findings';
  /** The column that says who or what it is about. */
  readonly subject?: Field;
  /** The column with the gravity, 1 being just worth a look. */
  readonly score: Field;
  readonly reason: Field;
  /** The column with its time; by default the start of its window. */
  readonly at?: Field;
  /** How far back they are shown, or as far as the page's range where that is longer; a day by default. */
  readonly overMs?: number;
}

/** One number of an answer and the words behind it: `412 requests`, `1.9% errors`. */
export interface AnswerPart<Field extends string = string> {
  readonly y: Field;
  readonly of?: Field;
  readonly combine?: Combine;
  readonly unit?: Unit;
  readonly words: string;
}

/**
 * The sentence at the top of a page: "412 requests in the last minute, 1.9% errors, watermark 3 s behind".
 * The first part is the page's one number. The view should have one row per window.
 */
export interface AnswerPanel<Field extends string = string> extends PanelBase {
  readonly type: 'answer';
  readonly overMs: number;
  readonly parts: readonly AnswerPart<Field>[];
  /** Counts the simulated events among the first part's, so that the page says how much of it is real. */
  readonly simulated?: Field;
}

/** A description of one part of a screen: plain data, drawn by the dashboard. */
export type Panel<Field extends string = string> =
  | TimeSeriesPanel<Field>
  | BarsPanel<Field>
  | StepsPanel<Field>
  | StatPanel<Field>
  | TablePanel<Field>
  | FindingsPanel<Field>
  | AnswerPanel<Field>;

export type PanelType = Panel['type'];

type Options<P> = Omit<P, 'type'>;

/** Values over event time. `timeSeries({ y: 'views', series: 'page', top: 10 })`, `timeSeries({ y: ['p50', 'p95'] })`. */
export function timeSeries<Field extends string>(
  options: Omit<Options<TimeSeriesPanel<Field>>, 'y'> & { readonly y: Field | readonly Field[] },
): TimeSeriesPanel<Field> {
  const { y, ...rest } = options;
  return { type: 'timeSeries', y: typeof y === 'string' ? [y] : y, ...rest };
}

/** One bar per category over the page's time range, largest first. */
export function bars<Field extends string>(options: Options<BarsPanel<Field>>): BarsPanel<Field> {
  return { type: 'bars', ...options };
}

/** How many came how far. `steps({ y: ['viewed', 'ordered', 'paid'] })`. */
export function steps<Field extends string>(options: Options<StepsPanel<Field>>): StepsPanel<Field> {
  return { type: 'steps', ...options };
}

/** One number. `stat({ y: 'errors', of: 'requests', unit: 'ratio' })`. */
export function stat<Field extends string>(options: Options<StatPanel<Field>>): StatPanel<Field> {
  return { type: 'stat', ...options };
}

/** The rows themselves. */
export function table<Field extends string>(options: Options<TablePanel<Field>> = {}): TablePanel<Field> {
  return { type: 'table', ...options };
}

/** What needs a person; see {@link FindingsPanel}. `findings({ title: 'Error spikes' })` of columns `score` and `reason`. */
export function findings<Field extends string>(
  options: Partial<Options<FindingsPanel<Field>>> = {},
): FindingsPanel<Field | 'score' | 'reason'> {
  return { type: 'findings', score: 'score', reason: 'reason', ...options };
}

/** The sentence at the top of a page; see {@link AnswerPanel}. */
export function answer<Field extends string>(options: Options<AnswerPanel<Field>>): AnswerPanel<Field> {
  return { type: 'answer', ...options };
}
