import { AvroSchemaError } from '../errors.ts';
import { isNamed, typeName, type Field, type RecordSchema, type Schema } from '../schema.ts';
import { PRIMITIVES } from '../names.ts';
import { sameKind, sameName } from './promotion.ts';

export const INCOMPATIBILITY_RULES = [
  'TYPE_MISMATCH',
  'NAME_MISMATCH',
  'FIXED_SIZE_MISMATCH',
  'MISSING_ENUM_SYMBOLS',
  'MISSING_UNION_BRANCH',
  'READER_FIELD_MISSING_DEFAULT_VALUE',
] as const;

/** The rule of schema resolution that is broken, under the names that Avro's Java library gave them. */
export type IncompatibilityRule = (typeof INCOMPATIBILITY_RULES)[number];

/** What is wrong with one pair of types, before it is put into words. */
export interface Fault {
  readonly rule: IncompatibilityRule;
  readonly reader: Schema;
  readonly writer: Schema;
  /** READER_FIELD_MISSING_DEFAULT_VALUE: the reader's field. */
  readonly field?: Field;
  /** MISSING_ENUM_SYMBOLS: those that the writer has and the reader has not. */
  readonly symbols?: readonly string[];
}

/** A step from a pair of types to a pair inside it: `.field`, `[]`, `{}` or `<branch>`. */
interface Step {
  readonly segment: string;
  readonly pair: Pair;
}

/** One reader's type against one writer's type. */
interface Pair {
  readonly reader: Schema;
  readonly writer: Schema;
  readonly faults: Fault[];
  readonly steps: Step[];
  /** Pairs whose verdict hangs on this one. */
  readonly parents: Pair[];
  /** A union of the reader against one type of the writer: one good step is enough. */
  anyStep: boolean;
  failedSteps: number;
  failed: boolean;
}

export interface LocatedFault extends Fault {
  /** From the root type: `AccessLog.user<string>`. */
  readonly path: string;
}

/** Two schemas of 300 records that all match each other are below it; memory stays under 100 MB. */
const MAX_PAIRS = 100_000;
/** Enough to act upon; a hostile pair of schemas could have thousands. */
const MAX_FAULTS = 100;

/**
 * Every reason why data of the writer's schema cannot be read with the reader's; none: it can.
 *
 * Pairs of types form a graph (with cycles, where types are recursive). A pair is taken to be good until a fault
 * reaches it, which is what schema resolution means by recursion. Nothing here recurses: chains of hostile
 * schemas can be longer than the stack is deep.
 *
 * @throws AVRO_SCHEMA_TOO_COMPLEX beyond 100,000 pairs of types
 * @see https://avro.apache.org/docs/1.12.0/specification/#schema-resolution
 */
export function compareSchemas(reader: Schema, writer: Schema): LocatedFault[] {
  const graph = new PairGraph();
  const root = graph.pair(reader, writer);
  graph.build();
  return root.failed ? collect(root) : [];
}

class PairGraph {
  readonly #pairs = new Map<Schema, Map<Schema, Pair>>();
  readonly #all: Pair[] = [];
  readonly #failed: Pair[] = [];

  pair(reader: Schema, writer: Schema): Pair {
    let ofReader = this.#pairs.get(reader);
    if (ofReader === undefined) this.#pairs.set(reader, (ofReader = new Map()));
    let pair = ofReader.get(writer);
    if (pair === undefined) {
      pair = {
        reader,
        writer,
        faults: [],
        steps: [],
        parents: [],
        anyStep: false,
        failedSteps: 0,
        failed: false,
      };
      ofReader.set(writer, pair);
      this.#all.push(pair);
      if (this.#all.length > MAX_PAIRS) {
        throw new AvroSchemaError(
          'AVRO_SCHEMA_TOO_COMPLEX',
          '',
          `comparing the schemas takes more than ${MAX_PAIRS} pairs of types; split them or use fewer union branches`,
        );
      }
    }
    return pair;
  }

  build(): void {
    for (let next = 0; next < this.#all.length; next++) {
      const pair = this.#all[next] as Pair;
      this.#expand(pair);
      if (pair.faults.length > 0) this.#fail(pair);
      for (const step of pair.steps) step.pair.parents.push(pair);
    }
    for (const pair of this.#all) if (pair.anyStep && pair.steps.length === 0) this.#fail(pair);
    for (let pair = this.#failed.pop(); pair !== undefined; pair = this.#failed.pop()) {
      for (const parent of pair.parents) {
        parent.failedSteps++;
        if (!parent.anyStep || parent.failedSteps === parent.steps.length) this.#fail(parent);
      }
    }
  }

  #fail(pair: Pair): void {
    if (pair.failed) return;
    pair.failed = true;
    this.#failed.push(pair);
  }

  #expand(pair: Pair): void {
    const { reader, writer, steps } = pair;
    if (writer.type === 'union') {
      for (const branch of writer.branches) {
        const segment = writer.branches.length > 1 ? `<${typeName(branch)}>` : '';
        steps.push({ segment, pair: this.pair(reader, branch) });
      }
    } else if (reader.type === 'union') {
      pair.anyStep = true;
      for (const branch of reader.branches) {
        if (!sameKind(branch, writer)) continue;
        if (isNamed(branch) && isNamed(writer) && !sameName(branch, writer)) continue;
        steps.push({ segment: '', pair: this.pair(branch, writer) });
      }
    } else this.#expandPlain(pair);
  }

  #expandPlain({ reader, writer, steps, faults }: Pair): void {
    const fault = (rule: IncompatibilityRule, more: Partial<Fault> = {}) =>
      faults.push({ rule, reader, writer, ...more });
    if (!sameKind(reader, writer)) fault('TYPE_MISMATCH');
    else if (isNamed(reader) && isNamed(writer) && !sameName(reader, writer)) fault('NAME_MISMATCH');
    else if (reader.type === 'array' && writer.type === 'array') {
      this.#both(steps, '[]', [reader.items, writer.items]);
    } else if (reader.type === 'map' && writer.type === 'map') {
      this.#both(steps, '{}', [reader.values, writer.values]);
    } else if (reader.type === 'fixed' && writer.type === 'fixed') {
      if (reader.size !== writer.size) fault('FIXED_SIZE_MISMATCH');
    } else if (reader.type === 'enum' && writer.type === 'enum') {
      const known = new Set(reader.symbols);
      const symbols = writer.symbols.filter((symbol) => !known.has(symbol));
      if (symbols.length > 0 && reader.default === undefined) fault('MISSING_ENUM_SYMBOLS', { symbols });
    } else if (reader.type === 'record' && writer.type === 'record') {
      const written = fieldsByName(writer);
      for (const field of reader.fields) {
        const source = writerField(field, written);
        if (source !== undefined) {
          this.#both(steps, `.${field.name}`, [field.type, source.type]);
        } else if (!field.hasDefault) fault('READER_FIELD_MISSING_DEFAULT_VALUE', { field });
      }
    }
  }

  #both(steps: Step[], segment: string, [reader, writer]: readonly [Schema, Schema]): void {
    if (!isPlain(reader, writer)) steps.push({ segment, pair: this.pair(reader, writer) });
  }
}

/** Nothing in it can be at fault; most fields are such, and need no pair. */
function isPlain(reader: Schema, writer: Schema): boolean {
  return reader.type === writer.type && PRIMITIVES.has(reader.type);
}

function fieldsByName(record: RecordSchema): ReadonlyMap<string, Field> {
  return new Map(record.fields.map((field) => [field.name, field]));
}

function writerField(field: Field, written: ReadonlyMap<string, Field>): Field | undefined {
  const direct = written.get(field.name);
  if (direct !== undefined) return direct;
  for (const alias of field.aliases ?? []) {
    const renamed = written.get(alias);
    if (renamed !== undefined) return renamed;
  }
  return undefined;
}

/** Walks from the root through failed pairs only, each once, by the shortest path. */
function collect(root: Pair): LocatedFault[] {
  const found: LocatedFault[] = [];
  const seen = new Set([root]);
  const waiting = [{ pair: root, path: isNamed(root.reader) ? root.reader.name : '' }];
  for (let next = 0; next < waiting.length && found.length < MAX_FAULTS; next++) {
    const { pair, path } = waiting[next] as (typeof waiting)[number];
    for (const fault of pair.faults) {
      const segment = fault.field === undefined ? '' : `.${fault.field.name}`;
      found.push({ ...fault, path: `${path}${segment}` });
    }
    if (pair.anyStep && pair.steps.length === 0) {
      found.push({ rule: 'MISSING_UNION_BRANCH', reader: pair.reader, writer: pair.writer, path });
    }
    for (const step of pair.steps) {
      if (!step.pair.failed || seen.has(step.pair)) continue;
      seen.add(step.pair);
      waiting.push({ pair: step.pair, path: path + step.segment });
    }
  }
  return found.slice(0, MAX_FAULTS);
}
