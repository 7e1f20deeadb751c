import { WindowingError } from '../errors.ts';
import { checkWindow } from '../windows/check-window.ts';
import type { Window } from '../windows/window.ts';
import { AlignedWindows } from './aligned-windows.ts';
import { CountWindows } from './count-windows.ts';
import type { Operator } from './operator.ts';
import type { OperatorOptions, OperatorSinks } from './operator-options.ts';
import { SessionWindows } from './session-windows.ts';
import { SlidingWindows } from './sliding-windows.ts';

/**
 * The low-level entry: an operator whose `add(key, timeMs, row)` allocates nothing per event and whose results go to a sink.
 * @throws WindowingError when the definition cannot work, naming the option, its value and the remedy
 */
export function createOperator<Row>(options: OperatorOptions<Row>, sinks: OperatorSinks<Row>): Operator<Row> {
  const window = options.window as Window;
  checkWindow(window);
  if (options.overflow !== undefined) checkOverflow(options);
  switch (window.type) {
    case 'tumbling':
    case 'hopping':
    case 'cumulative':
    case 'calendar':
    case 'global':
      return new AlignedWindows<Row>({ ...options, window }, sinks);
    case 'session':
      return new SessionWindows<Row>({ ...options, window }, sinks);
    case 'sliding':
      return new SlidingWindows<Row>({ ...options, window }, sinks);
    case 'count':
      return new CountWindows<Row>({ ...options, window }, sinks);
  }
}

/** What cells outside of memory cannot be had with. */
function checkOverflow<Row>({ window, emit, maxResultsPerCall }: OperatorOptions<Row>): void {
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
