/** Every code that this library raises or puts on a rejected event. */
export type WindowingErrorCode =
  | 'WINDOWING_AGGREGATE_INVALID'
  | 'WINDOWING_FORMAT_INVALID'
  | 'WINDOWING_KEY_INVALID'
  | 'WINDOWING_NUMBER_INVALID'
  | 'WINDOWING_OPTION_INVALID'
  | 'WINDOWING_PARTIAL_INVALID'
  | 'WINDOWING_SIZE_INVALID'
  | 'WINDOWING_STATE_INVALID'
  | 'WINDOWING_TIME_FUTURE'
  | 'WINDOWING_TIME_INVALID'
  | 'WINDOWING_VALUE_INVALID';

/** Thrown for definitions that cannot work and for bytes that are no state of ours; events never cause a throw, they are rejected. */
export class WindowingError extends Error {
  readonly code: WindowingErrorCode;
  /** Trying again with the same input gives the same answer. */
  readonly retriable = false;

  constructor(code: WindowingErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'WindowingError';
    this.code = code;
  }
}

/** Throws unless `value` is a positive, finite number (an integer where `integer` says so). */
export function requirePositive(
  value: unknown,
  what: string,
  options: { code?: WindowingErrorCode; integer?: boolean; atMost?: number } = {},
): asserts value is number {
  const { code = 'WINDOWING_OPTION_INVALID', integer = false, atMost = Number.MAX_SAFE_INTEGER } = options;
  if (typeof value === 'number' && value > 0 && value <= atMost && (!integer || Number.isInteger(value)))
    return;
  const kind = integer ? 'a whole number' : 'a number';
  throw new WindowingError(code, `${what} is ${shown(value)}; give ${kind} above 0 and at most ${atMost}.`);
}

/** Throws WINDOWING_OPTION_INVALID unless `value` is a whole number of at least `atLeast`. */
export function requireDuration(value: unknown, name: string, atLeast = 0): void {
  if (Number.isSafeInteger(value) && (value as number) >= atLeast) return;
  throw new WindowingError(
    'WINDOWING_OPTION_INVALID',
    `${name} is ${shown(value)}; give a whole number of at least ${atLeast}.`,
  );
}

/** A value as a message shows it. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value).slice(0, 60);
  } catch {
    return 'an object';
  }
}
