import { StreamsError } from '../errors.ts';
import { isTransient } from './broker-error.ts';

export interface RetryOptions {
  readonly signal: AbortSignal;
  readonly firstDelayMs?: number;
  readonly maxDelayMs?: number;
  /** Which errors to try again after; transient ones by default. */
  readonly again?: (error: unknown) => boolean;
  readonly onRetry?: (error: unknown, attempt: number) => void;
}

/** Resolves after `ms`, or at once when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

/**
 * Repeats an operation until it succeeds, with delays that double up to `maxDelayMs`.
 * @throws STREAMS_STOPPED when the signal aborts, and the operation's own error when it is not one to repeat after
 */
export async function retrying<T>(operation: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { signal, firstDelayMs = 20, maxDelayMs = 1_000, again = isTransient, onRetry } = options;
  for (let attempt = 1, delayMs = firstDelayMs; ; attempt++, delayMs = Math.min(delayMs * 2, maxDelayMs)) {
    if (signal.aborted) throw new StreamsError('STREAMS_STOPPED', 'the pipeline was stopped');
    try {
      return await operation();
    } catch (error) {
      if (!again(error)) throw error;
      onRetry?.(error, attempt);
      await pause(delayMs, signal);
    }
  }
}
