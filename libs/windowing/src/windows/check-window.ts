import { requirePositive, shown, WindowingError } from '../errors.ts';
import { MAX_TIME_MS } from '../time.ts';
import type { Window } from './window.ts';

/** So many windows may hold one event: beyond it a definition is a mistake, or wants `sliding`. */
const MAX_OVERLAP = 10_000;

const SIZE = { code: 'WINDOWING_SIZE_INVALID', integer: true, atMost: MAX_TIME_MS } as const;

const settings: Readonly<Record<string, readonly string[]>> = {
  tumbling: ['sizeMs', 'offsetMs'],
  hopping: ['sizeMs', 'advanceMs', 'offsetMs'],
  cumulative: ['maxSizeMs', 'stepMs', 'offsetMs'],
  calendar: ['unit', 'timeZone', 'weekStartsOn'],
  global: [],
  sliding: ['sizeMs'],
  session: ['gapMs'],
  count: ['size'],
} satisfies Record<Window['type'], readonly string[]>;

/**
 * Throws unless the definition can work.
 * @throws WindowingError WINDOWING_SIZE_INVALID or WINDOWING_OPTION_INVALID
 */
export function checkWindow(window: Window): void {
  const known = settings[window.type];
  for (const name of known === undefined ? [] : Object.keys(window))
    if (name !== 'type' && !known!.includes(name))
      throw wrong(`${window.type}: there is no setting "${name}"; give ${known!.join(', ') || 'none'}.`);
  switch (window.type) {
    case 'tumbling':
      requirePositive(window.sizeMs, 'tumbling: sizeMs', SIZE);
      return checkOffset(window.offsetMs);
    case 'hopping':
      requirePositive(window.sizeMs, 'hopping: sizeMs', SIZE);
      requirePositive(window.advanceMs, 'hopping: advanceMs', SIZE);
      if (window.advanceMs > window.sizeMs) {
        throw wrong(
          `hopping: advanceMs ${window.advanceMs} is above sizeMs ${window.sizeMs}, so events between two windows would be lost; make it at most sizeMs.`,
        );
      }
      checkOverlap('hopping: sizeMs / advanceMs', window.sizeMs / window.advanceMs);
      return checkOffset(window.offsetMs);
    case 'cumulative':
      requirePositive(window.maxSizeMs, 'cumulative: maxSizeMs', SIZE);
      requirePositive(window.stepMs, 'cumulative: stepMs', SIZE);
      if (window.maxSizeMs % window.stepMs !== 0) {
        throw wrong(
          `cumulative: maxSizeMs ${window.maxSizeMs} is no multiple of stepMs ${window.stepMs}; make it one.`,
        );
      }
      checkOverlap('cumulative: maxSizeMs / stepMs', window.maxSizeMs / window.stepMs);
      return checkOffset(window.offsetMs);
    case 'calendar':
      return checkCalendar(window);
    case 'sliding':
      return requirePositive(window.sizeMs, 'sliding: sizeMs', SIZE);
    case 'session':
      if (typeof window.gapMs === 'function' || (typeof window.gapMs === 'string' && window.gapMs !== ''))
        return;
      return requirePositive(window.gapMs, 'session: gapMs', SIZE);
    case 'count':
      return requirePositive(window.size, 'count: size', { code: 'WINDOWING_SIZE_INVALID', integer: true });
    case 'global':
      return;
    default:
      throw new WindowingError(
        'WINDOWING_OPTION_INVALID',
        `The window is ${shown(window)}; make it with tumbling(), hopping(), cumulative(), calendar(), session(), sliding(), countWindow() or globalWindow().`,
      );
  }
}

/** What is wrong with a window that may come from a file: sentences, none when it can work. */
export function validateWindow(window: unknown): string[] {
  try {
    checkWindow((window ?? {}) as Window);
    return [];
  } catch (error) {
    if (error instanceof WindowingError) return [error.message];
    throw error;
  }
}

function checkCalendar(window: Extract<Window, { type: 'calendar' }>): void {
  if (!['day', 'week', 'month'].includes(window.unit)) {
    throw wrong(`calendar: unit is ${shown(window.unit)}; give "day", "week" or "month".`);
  }
  const { weekStartsOn = 1 } = window;
  if (!Number.isInteger(weekStartsOn) || weekStartsOn < 1 || weekStartsOn > 7) {
    throw wrong(`calendar: weekStartsOn is ${shown(weekStartsOn)}; give 1 (Monday) to 7 (Sunday).`);
  }
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: window.timeZone });
  } catch (cause) {
    throw new WindowingError(
      'WINDOWING_OPTION_INVALID',
      `calendar: timeZone is ${shown(window.timeZone)}; give an IANA name such as "Europe/Berlin".`,
      { cause },
    );
  }
}

function checkOffset(offsetMs: number | undefined): void {
  if (offsetMs !== undefined && !Number.isSafeInteger(offsetMs)) {
    throw wrong(`offsetMs is ${shown(offsetMs)}; give a whole number of milliseconds.`);
  }
}

function checkOverlap(what: string, ratio: number): void {
  if (ratio > MAX_OVERLAP) {
    throw wrong(
      `${what} is ${ratio}, so every event would be in so many windows; keep it to ${MAX_OVERLAP}.`,
    );
  }
}

function wrong(message: string): WindowingError {
  return new WindowingError('WINDOWING_SIZE_INVALID', message);
}
