/** The text of a generated function: unique names, constants handed in from outside, functions by key. */
import type { RecordSchema, Schema } from '../schema.ts';
import * as runtime from './runtime.ts';

export class Source {
  readonly #constants: unknown[] = [];
  readonly #functions: string[] = [];
  readonly #named = new Map<string, Map<unknown, string>>();
  #count = 0;

  unique(prefix: string): string {
    return `${prefix}${this.#count++}`;
  }

  /** The name under which generated code finds `value`. */
  constant(value: unknown): string {
    return `K[${this.#constants.push(value) - 1}]`;
  }

  /** Like `constant`, for what is called often: a variable of its own. */
  variable(value: unknown): string {
    const name = this.unique('c');
    this.#functions.push(`const ${name} = ${this.constant(value)};`);
    return name;
  }

  add(code: string): void {
    this.#functions.push(code);
  }

  /** Name of the function made once per `prefix` and `key`; recursion finds the name while the body is still being made. */
  function(key: unknown, prefix: string, make: (name: string) => string): string {
    const names = this.#named.get(prefix) ?? new Map<unknown, string>();
    this.#named.set(prefix, names);
    const known = names.get(key);
    if (known !== undefined) return known;
    const name = this.unique(prefix);
    names.set(key, name);
    this.#functions.push(make(name));
    return name;
  }

  /** Compiles everything; `entry` is an expression. */
  compile<T>(entry: string): T {
    const names = Object.keys(runtime);
    const text = `'use strict';\nconst {${names.join(',')}} = R;\n${this.#functions.join('\n')}\nreturn ${entry};`;
    return new Function('R', 'K', text)(runtime, this.#constants) as T;
  }
}

/** Records that get a function of their own: recursive ones, and those mentioned more than once. */
export function sharedRecords(root: Schema): ReadonlySet<RecordSchema> {
  const seen = new Set<RecordSchema>();
  const shared = new Set<RecordSchema>();
  const visit = (schema: Schema): void => {
    if (schema.type === 'array') visit(schema.items);
    else if (schema.type === 'map') visit(schema.values);
    else if (schema.type === 'union') schema.branches.forEach(visit);
    else if (schema.type === 'record') {
      if (seen.has(schema)) {
        shared.add(schema);
        return;
      }
      seen.add(schema);
      for (const field of schema.fields) visit(field.type);
    }
  };
  visit(root);
  return shared;
}

/** A path for messages, cut so that hostile nesting cannot make it long. */
export function pathText(path: string): string {
  return JSON.stringify(path.length > 200 ? `…${path.slice(-200)}` : path);
}
