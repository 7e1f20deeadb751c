/** What a registry has said about schema ids, shared by everything that reads through one client of it. */
import type { Registry, SchemaById } from '../registry/registry.ts';

export interface Answer {
  /** Undefined: the registry does not know the id. */
  readonly found: SchemaById | undefined;
  /** When to ask again. */
  readonly untilMs: number;
}

/** Topics rarely hold more than a few versions; hostile ids must not fill the memory. */
const MAX_KNOWN = 1_000;
const MAX_UNKNOWN = 10_000;
const FORGET_UNKNOWN_MS = 60_000;

const byRegistry = new WeakMap<Registry, RegistryAnswers>();

/** The answers of one client, however many readers there are. */
export function answersOf(registry: Registry): RegistryAnswers {
  const known = byRegistry.get(registry);
  if (known !== undefined) return known;
  const answers = new RegistryAnswers(registry);
  byRegistry.set(registry, answers);
  return answers;
}

export class RegistryAnswers {
  readonly #registry: Registry;
  readonly #known = new Map<number, Answer>();
  readonly #unknown = new Map<number, Answer>();
  readonly #asking = new Map<number, Promise<Answer>>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** Asks once for each id, and once a minute for one that is unknown. @throws RegistryError, which is not kept */
  byId(id: number, nowMs: () => number): Promise<Answer> {
    const answer = this.#known.get(id) ?? this.#unknown.get(id);
    if (answer !== undefined && answer.untilMs > nowMs()) return Promise.resolve(answer);
    const asking = this.#asking.get(id);
    if (asking !== undefined) return asking;
    const asked = this.#ask(id, nowMs).finally(() => this.#asking.delete(id));
    this.#asking.set(id, asked);
    return asked;
  }

  async #ask(id: number, nowMs: () => number): Promise<Answer> {
    const found = await this.#registry.byId(id);
    const isKnown = found !== undefined;
    const answer = { found, untilMs: isKnown ? Infinity : nowMs() + FORGET_UNKNOWN_MS };
    const [cache, limit] = isKnown ? [this.#known, MAX_KNOWN] : [this.#unknown, MAX_UNKNOWN];
    this.#unknown.delete(id);
    if (cache.size >= limit) cache.delete(cache.keys().next().value as number);
    cache.set(id, answer);
    return answer;
  }
}
