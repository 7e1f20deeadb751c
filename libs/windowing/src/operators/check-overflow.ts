import { WindowingError } from '../errors.ts';
import type { Window } from '../windows/window.ts';
import type { OperatorOptions } from './operator-options.ts';

/**
 * What state outside of memory cannot be had with; an `Overflow` names it as `check`.
 * @throws WindowingError WINDOWING_OPTION_INVALID
 */
export function checkOverflow<Row>({ window, emit, maxResultsPerCall }: OperatorOptions<Row>): void {
  const { type } = window as Window;
  const why =
    type === 'sliding' || type === 'count'
      ? `${type} windows keep all of their state in memory`
      : typeof emit === 'object'
        ? 'results before the end are counted in memory for every key'
        : maxResultsPerCall !== undefined && maxResultsPerCall !== Infinity
          ? 'a window is closed in one call'
          : undefined;
  if (why === undefined) return;
  throw new WindowingError(
    'WINDOWING_OPTION_INVALID',
    `overflow is given, but ${why}; leave overflow out, or take sessions or windows on the clock with emit "onClose" or "onUpdate" and no maxResultsPerCall.`,
  );
}
