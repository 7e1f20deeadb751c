import { setTimeout as sleep } from 'node:timers/promises';

/** A page of profiles: more than any API of people gives at once. */
export const MAX_PAGE_BYTES = 8 * 1024 * 1024;
/** From the request to the last byte of the answer. */
const TIMEOUT_MS = 10_000;
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;
/** An API that asks for a longer pause is left alone until the next run. */
const MAX_RETRY_AFTER_MS = 120_000;

/** Why a page could not be had; `retriable` says whether it might be had a little later. */
export class PageError extends Error {
  override readonly name = 'PageError';
  readonly code = 'PRODUCER_PEOPLE_API';
  readonly retriable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { retriable = true, retryAfterMs, cause }: PageErrorOptions = {}) {
    super(message, { cause });
    this.retriable = retriable;
    this.retryAfterMs = retryAfterMs;
  }
}

interface PageErrorOptions {
  readonly retriable?: boolean;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** One page as the API gave it. */
export interface Page {
  readonly profiles: readonly unknown[];
  readonly simulated: boolean;
}

export interface PageClientOptions {
  readonly url: string;
  readonly pageSize: number;
  readonly requestsPerSecond: number;
  readonly timeoutMs?: number;
  readonly random?: () => number;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly now?: () => number;
}

/** Asks a people API (the form of randomuser.me) for pages: no oftener than it may, and again where that may help. */
export class PageClient {
  readonly #options: Required<PageClientOptions>;
  #nextMs = -Infinity;

  constructor(options: PageClientOptions) {
    const wait = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal });
    this.#options = { timeoutMs: TIMEOUT_MS, random: Math.random, wait, now: Date.now, ...options };
  }

  /** Page number `page`, from 1. After an error it pauses, twice as long each time, by chance shorter; as long as the API says where it says so. @throws PageError */
  async page(page: number, signal: AbortSignal): Promise<Page> {
    const { random, wait } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#turn(signal);
        return await this.#ask(page, signal);
      } catch (error) {
        signal.throwIfAborted();
        const fault = error instanceof PageError ? error : unreachable(error);
        if (!fault.retriable) throw fault;
        const { retryAfterMs = random() * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt) } = fault;
        if (attempt === ATTEMPTS || retryAfterMs > MAX_RETRY_AFTER_MS)
          throw new PageError(`page ${page}: ${fault.message} (attempt ${attempt} of ${ATTEMPTS})`, {
            cause: fault,
          });
        await wait(retryAfterMs, signal);
      }
    }
  }

  /** Waits until the next request may be sent. */
  async #turn(signal: AbortSignal): Promise<void> {
    const { now, wait, requestsPerSecond } = this.#options;
    const pauseMs = this.#nextMs - now();
    this.#nextMs = Math.max(this.#nextMs, now()) + 1000 / requestsPerSecond;
    if (pauseMs > 0) await wait(pauseMs, signal);
  }

  async #ask(page: number, signal: AbortSignal): Promise<Page> {
    const { url, pageSize, timeoutMs, now } = this.#options;
    const target = new URL(url);
    target.searchParams.set('page', String(page));
    target.searchParams.set('results', String(pageSize));
    const response = await fetch(target, {
      headers: { accept: 'application/json' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const { status } = response;
    if (!response.ok) {
      await response.body?.cancel();
      const retriable = status === 408 || status === 429 || status >= 500;
      const retryAfterMs = retryAfter(response.headers.get('retry-after'), now());
      throw new PageError(`the API answered ${status}`, { retriable, retryAfterMs });
    }
    return toPage(await bytesOf(response));
  }
}

async function bytesOf(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_PAGE_BYTES)
      throw new PageError(
        `the answer has more than the ${MAX_PAGE_BYTES} bytes that are read; ask for fewer profiles`,
        {
          retriable: false,
        },
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function toPage(bytes: Buffer): Page {
  let answer: unknown;
  try {
    answer = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new PageError('the answer is not JSON', { cause });
  }
  const { results, info, error } = (answer ?? {}) as {
    results?: unknown;
    info?: { simulated?: unknown };
    error?: unknown;
  };
  if (typeof error === 'string')
    throw new PageError(`the API says: ${error.slice(0, 200)}`, { retriable: false });
  if (!Array.isArray(results)) throw new PageError('the answer has no list "results"');
  return { profiles: results, simulated: info?.simulated === true };
}

/** `Retry-After`: seconds, or a date. */
function retryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function unreachable(error: unknown): PageError {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return new PageError('the API did not answer in time', { cause: error });
  const reason = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : message;
  return new PageError(`the API cannot be reached: ${reason}`, { cause: error });
}
