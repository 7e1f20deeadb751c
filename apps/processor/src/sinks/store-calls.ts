import {
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  type IPolicy,
  circuitBreaker,
  halfJitterGenerator,
  handleWhen,
  retry,
  wrap,
} from 'cockatiel';
import { StorageError } from '@millrace/storage';
import type { SinkMeter } from './sink-metrics.ts';

/** From a pause that a hiccup needs to one after which a store that came back is used again soon. */
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;
/** So many failures in a row open the circuit; then one call in this time tries whether the store is back. */
const FAILURES_TO_OPEN = 5;
const PROBE_AFTER_MS = 2_000;

/** What repeating does not change: the caller has to do something else. */
const finalCodes = new Set([
  'STORAGE_TABLE_MISSING',
  'STORAGE_TABLE_SHAPE',
  'STORAGE_TABLE',
  'STORAGE_ROW',
  'STORAGE_CONFLICT',
]);

export interface StoreCallsOptions {
  readonly store: string;
  readonly log: (line: string) => void;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
  readonly meter: SinkMeter;
}

class Ended extends Error {}

/**
 * Calls to one store: what fails is repeated with growing, jittered pauses; after five failures in a row a circuit breaker
 * lets only a call every two seconds through. Each sink has its own: a store that is down makes nothing else wait.
 */
export class StoreCalls {
  readonly #options: StoreCallsOptions;
  readonly #policy: IPolicy;
  /** What the store said last. */
  #last = '';

  constructor(options: StoreCallsOptions) {
    this.#options = options;
    const { store, log, meter } = options;
    const passing = handleWhen((error) => !(error instanceof Ended) && !isFinal(error));
    const breaker = circuitBreaker(passing, {
      halfOpenAfter: PROBE_AFTER_MS,
      breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
    });
    let isSaid = false;
    breaker.onStateChange((state) => {
      meter.circuit(state);
      if (state === CircuitState.Open && !isSaid)
        log(`${store} fails time after time (${this.#last}); trying again every few seconds`);
      isSaid = state !== CircuitState.Closed;
      if (state === CircuitState.Closed) log(`${store} is back`);
    });
    const backoff = new ExponentialBackoff({
      initialDelay: FIRST_PAUSE_MS,
      maxDelay: MAX_PAUSE_MS,
      generator: halfJitterGenerator,
    });
    this.#policy = wrap(retry(passing, { backoff }), breaker);
  }

  /**
   * Repeats `work` until it succeeds; false when the sink ended first, or `goOn` says that the work is another's by now.
   * @throws StorageError that repeating does not change: a table that is missing or has another shape, refused rows, a conflict
   */
  async untilDone(what: string, work: () => Promise<unknown>, goOn = () => true): Promise<boolean> {
    const { signal, log, meter } = this.#options;
    const once = async () => {
      if (signal.aborted || !goOn()) throw new Ended();
      const startedMs = performance.now();
      try {
        await work();
        meter.took(performance.now() - startedMs);
      } catch (error) {
        meter.failed(error instanceof StorageError ? error.code : 'OTHER');
        this.#last = (error as Error).message;
        if (!isFinal(error)) log(`${what} failed: ${this.#last}`);
        throw error;
      }
    };
    let end = () => {};
    const ended = new Promise<never>((_, reject) => {
      end = () => reject(new Ended());
      signal.addEventListener('abort', end);
    });
    try {
      await Promise.race([this.#policy.execute(once), ended]);
      return true;
    } catch (error) {
      if (error instanceof Ended) return false;
      throw error;
    } finally {
      signal.removeEventListener('abort', end);
    }
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof StorageError && finalCodes.has(error.code);
}
