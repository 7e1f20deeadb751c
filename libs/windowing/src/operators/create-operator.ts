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
  options.overflow?.check(options);
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
