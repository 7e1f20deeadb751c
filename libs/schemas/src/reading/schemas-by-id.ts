/** Writers' schemas by id: known, known to be unknown (for a minute), or being asked for. */
import { parseSchema, type Schema } from '@millrace/avro';
import { RegistryError, SchemasError } from '../errors.ts';
import type { Registry, SchemaReference } from '../registry/registry.ts';
import { answersOf } from './registry-answers.ts';

export type Known<Entry> =
  | { readonly entry: Entry; readonly fault?: undefined }
  | { readonly entry?: undefined; readonly fault: SchemaFault; readonly untilMs: number };

export interface SchemaFault {
  readonly code: 'SCHEMAS_UNKNOWN_ID' | 'SCHEMAS_UNREADABLE_SCHEMA';
  readonly message: string;
}

export interface SchemasByIdOptions<Entry> {
  readonly registry: Registry;
  /** Makes what is kept of a schema; what it throws makes the id unreadable. */
  readonly prepare: (schema: Schema, id: number) => Entry;
  readonly nowMs?: () => number;
  /** Told each time that the registry does not answer while an id waits. */
  readonly onWaiting?: (error: RegistryError) => void;
  readonly pause?: (ms: number) => Promise<void>;
}

/** Topics rarely hold more than a few versions; hostile ids must not fill the memory. */
const MAX_KNOWN = 1_000;
const MAX_UNKNOWN = 10_000;
const FORGET_UNREADABLE_MS = 60_000;
const MAX_PAUSE_MS = 5_000;
/** Schemas that refer to schemas that refer to schemas … */
const MAX_REFERENCES = 100;

export class SchemasById<Entry> {
  readonly #options: SchemasByIdOptions<Entry>;
  readonly #known = new Map<number, Known<Entry>>();
  readonly #unknown = new Map<number, Known<Entry>>();
  readonly #asking = new Map<number, Promise<void>>();
  readonly #nowMs: () => number;

  constructor(options: SchemasByIdOptions<Entry>) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
  }

  /** What is known of the id at this moment; undefined: `ask`. */
  get(id: number): Known<Entry> | undefined {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const unknown = this.#unknown.get(id);
    if (unknown?.fault !== undefined && unknown.untilMs > this.#nowMs()) return unknown;
    return undefined;
  }

  /** Asks the registry, once however many wait, and waits as long as it cannot be reached. */
  ask(id: number): Promise<void> {
    const asking = this.#asking.get(id);
    if (asking !== undefined) return asking;
    const answer = this.#load(id).finally(() => this.#asking.delete(id));
    this.#asking.set(id, answer);
    return answer;
  }

  async #load(id: number): Promise<void> {
    for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      try {
        this.#remember(id, await this.#fetch(id));
        return;
      } catch (error) {
        if (!(error instanceof RegistryError) || !error.retriable) throw error;
        this.#options.onWaiting?.(error);
        await (this.#options.pause ?? sleep)(pauseMs);
      }
    }
  }

  async #fetch(id: number): Promise<Known<Entry>> {
    const { found, untilMs } = await answersOf(this.#options.registry).byId(id, this.#nowMs);
    if (found === undefined) {
      const message = `the registry knows no schema with id ${id}`;
      return { fault: { code: 'SCHEMAS_UNKNOWN_ID', message }, untilMs };
    }
    if (found.schemaType !== 'AVRO') {
      return this.#unreadable(`schema ${id} is ${found.schemaType}, not Avro`);
    }
    const references: Schema[] = [];
    try {
      await this.#loadReferences(found.references, references, new Set());
      return { entry: this.#options.prepare(parseSchema(found.schema, { references }), id) };
    } catch (error) {
      if (error instanceof RegistryError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      return this.#unreadable(`schema ${id} cannot be used: ${why}`);
    }
  }

  async #loadReferences(
    wanted: readonly SchemaReference[],
    into: Schema[],
    seen: Set<string>,
  ): Promise<void> {
    for (const { subject, version } of wanted) {
      const key = `${subject}@${version}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (seen.size > MAX_REFERENCES)
        throw new SchemasError('SCHEMAS_UNREADABLE_SCHEMA', 'too many references');
      const registered = await this.#options.registry.version(subject, version);
      if (registered === undefined)
        throw new SchemasError('SCHEMAS_UNREADABLE_SCHEMA', `${key} does not exist`);
      const full = await this.#options.registry.byId(registered.id);
      await this.#loadReferences(full?.references ?? [], into, seen);
      into.push(parseSchema(registered.schema, { references: into }));
    }
  }

  #unreadable(message: string): Known<Entry> {
    const fault = { code: 'SCHEMAS_UNREADABLE_SCHEMA', message } as const;
    return { fault, untilMs: this.#nowMs() + FORGET_UNREADABLE_MS };
  }

  #remember(id: number, known: Known<Entry>): void {
    const [cache, limit] =
      known.fault === undefined ? [this.#known, MAX_KNOWN] : [this.#unknown, MAX_UNKNOWN];
    cache.delete(id);
    if (cache.size >= limit) cache.delete(cache.keys().next().value as number);
    cache.set(id, known);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
