import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionOptions } from 'node:tls';
import { SchemasLog } from './kafka/schemas-log.ts';
import type { SaslLogin } from './kafka/sasl.ts';
import { RegistryError, RestError } from './errors.ts';
import { ParsedSchemas } from './schemas/parsed-schemas.ts';
import { decodeRecord, encodeRecord, type RegistryRecord } from './state/records.ts';
import { RegistryState } from './state/registry-state.ts';

export interface RegistryOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly tls?: ConnectionOptions;
  readonly sasl?: SaslLogin;
  readonly requestTimeoutMs: number;
}

/** Answers are at most this much behind what other registries write to the same topic. */
const MAX_STALE_MS = 1_000;
/** Reads do not wait longer for news: while the broker is away they answer with what is known. */
const REFRESH_PATIENCE_MS = 250;

/** What an operation decided: records to write, and the answer once they are written. */
export interface Decision<Answer> {
  readonly records: readonly RegistryRecord[];
  readonly answer: Answer;
}

/** The state of a registry and the one way to change it: through its topic. */
export class Registry {
  readonly state = new RegistryState();
  readonly parsed = new ParsedSchemas(this.state);
  readonly #log: SchemasLog;
  readonly #patienceMs: number;
  #lastWrite: Promise<unknown> = Promise.resolve();
  #freshUntil = 0;

  constructor(options: RegistryOptions) {
    this.#patienceMs = options.requestTimeoutMs;
    this.#log = new SchemasLog({
      ...options,
      apply: (record) => {
        const decoded = decodeRecord(record);
        if (decoded !== undefined) this.state.apply(decoded);
      },
      reset: () => {
        this.state.clear();
        this.parsed.clear();
      },
    });
  }

  /** Reads the topic, waiting for its broker. @throws REGISTRY_STORE, REGISTRY_STORE_TIMEOUT, REGISTRY_TOPIC */
  load(patienceMs: number, onFailure: (error: RegistryError) => void): Promise<void> {
    return this.#log.catchUp(patienceMs, onFailure);
  }

  /**
   * Runs one operation after the other: what others wrote is read, `decide` looks at the state, its records are
   * written, acknowledged by all in-sync replicas and applied; only then is the answer given.
   *
   * @throws what `decide` throws; RestError 50001, 50002 when the topic cannot be reached
   */
  write<Answer>(decide: (state: RegistryState) => Decision<Answer>): Promise<Answer> {
    const run = async () => {
      try {
        await this.#log.catchUp(this.#patienceMs);
        this.#freshUntil = Date.now() + MAX_STALE_MS;
        const { records, answer } = decide(this.state);
        if (records.length > 0) await this.#log.append(records.map(encodeRecord));
        return answer;
      } catch (error) {
        if (!(error instanceof RegistryError)) throw error;
        const code = error.code === 'REGISTRY_STORE_TIMEOUT' ? 50002 : 50001;
        throw new RestError(code, `the registry's topic could not be written: ${error.message}`);
      }
    };
    const result = this.#lastWrite.then(run, run);
    this.#lastWrite = result.catch(() => undefined);
    return result;
  }

  /** Before an answer from memory: takes in what others have written, once a second and without insisting. */
  async refresh(): Promise<void> {
    if (Date.now() < this.#freshUntil) return;
    this.#freshUntil = Date.now() + MAX_STALE_MS;
    const news = this.#lastWrite.then(() => this.#log.catchUp(0)).catch(() => undefined);
    this.#lastWrite = news;
    const patience = new AbortController();
    const enough = sleep(REFRESH_PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([news, enough]);
    patience.abort();
  }

  async close(): Promise<void> {
    await this.#lastWrite;
    this.#log.close();
  }
}
