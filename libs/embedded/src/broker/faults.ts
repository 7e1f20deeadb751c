import { ErrorCode, type ErrorName } from './protocol/error-code.ts';

/** What shall go wrong with requests of one API. Several of these may be given together. */
export interface Fault {
  /** Answer with this error in place of doing anything. */
  readonly error?: ErrorName | number;
  /** Wait this long before the request is looked at, in milliseconds of real time. */
  readonly delayMs?: number;
  /** Close the connection: `before` the request is looked at, or `after` it was carried out, so that the answer is lost. */
  readonly drop?: 'before' | 'after';
  /** How many requests are hit; by default all until `clear`. */
  readonly times?: number;
}

interface ActiveFault extends Fault {
  left: number;
}

/** Switches by which tests make requests fail, by the API's name in the Kafka protocol: `Produce`, `Fetch`, `EndTxn`, … */
export class Faults {
  readonly #known: ReadonlySet<string>;
  readonly #active = new Map<string, ActiveFault[]>();

  constructor(apiNames: Iterable<string>) {
    this.#known = new Set(apiNames);
  }

  /** Adds a fault; faults of one API are used up in the order in which they were added. @returns a function that removes it */
  inject(apiName: string, fault: Fault): () => void {
    if (!this.#known.has(apiName)) {
      throw new TypeError(`no API is called "${apiName}"; the APIs are ${[...this.#known].join(', ')}`);
    }
    const active = { ...fault, left: fault.times ?? Infinity };
    const list = this.#active.get(apiName) ?? [];
    this.#active.set(apiName, [...list, active]);
    return () => void (active.left = 0);
  }

  /** Removes all faults, or those of one API. */
  clear(apiName?: string): void {
    if (apiName === undefined) this.#active.clear();
    else this.#active.delete(apiName);
  }

  /** The fault that the next request of an API meets; counts it as used. */
  take(apiName: string): (Fault & { errorCode: number | undefined }) | undefined {
    if (this.#active.size === 0) return undefined;
    const fault = this.#active.get(apiName)?.find((candidate) => candidate.left > 0);
    if (fault === undefined) return undefined;
    fault.left--;
    return { ...fault, errorCode: typeof fault.error === 'string' ? ErrorCode[fault.error] : fault.error };
  }
}
