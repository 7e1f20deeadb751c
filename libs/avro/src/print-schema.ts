import { namespaceOf, qualify, unqualified } from './names.ts';
import { isNamed, type Field, type Json, type JsonObject, type NamedSchema, type Schema } from './schema.ts';

export interface PrintOptions {
  /**
   * Write names in full and sort what has no order of its own (aliases, attributes of one's own), so that
   * schemas that differ only in such things print alike. Default false: as it was written.
   */
  readonly normal?: boolean;
  /** Full names of types that are defined elsewhere (a registry's references): they are only mentioned. */
  readonly external?: Iterable<string>;
}

/**
 * The schema as JSON text without white space, with docs, defaults, aliases and all attributes. Numbers
 * beyond 2^53 come out as JavaScript holds them.
 *
 * @example
 * const schema = parseSchema('{"size": 4, "name": "F", "type": "fixed", "namespace": "n"}');
 * printSchema(schema); // → '{"type":"fixed","name":"F","namespace":"n","size":4}'
 * printSchema(schema, { normal: true }); // → '{"type":"fixed","name":"n.F","size":4}'
 */
export function printSchema(schema: Schema, options: PrintOptions = {}): string {
  const printer = new Printer(options.normal ?? false, new Set(options.external));
  return JSON.stringify(printer.type(schema, ''));
}

class Printer {
  readonly #normal: boolean;
  readonly #defined: Set<string>;

  constructor(normal: boolean, defined: Set<string>) {
    this.#normal = normal;
    this.#defined = defined;
  }

  type(schema: Schema, namespace: string): Json {
    if (isNamed(schema)) return this.#named(schema, namespace);
    switch (schema.type) {
      case 'union':
        return schema.branches.map((branch) => this.type(branch, namespace));
      case 'array':
        return { type: 'array', items: this.type(schema.items, namespace), ...this.#props(schema.props) };
      case 'map':
        return { type: 'map', values: this.type(schema.values, namespace), ...this.#props(schema.props) };
      default:
        return schema.props === undefined ? schema.type : { type: schema.type, ...this.#props(schema.props) };
    }
  }

  #named(schema: NamedSchema, namespace: string): Json {
    if (this.#defined.has(schema.name)) return this.#mention(schema.name, namespace);
    this.#defined.add(schema.name);
    const inner = namespaceOf(schema.name);
    const aliases = schema.aliases?.map((alias) => this.#mention(alias, inner));
    return {
      type: schema.type,
      ...this.#name(schema.name, namespace),
      ...(schema.doc !== undefined && { doc: schema.doc }),
      ...this.#contents(schema, inner),
      ...this.#props(schema.props),
      ...(aliases !== undefined && { aliases: this.#normal ? aliases.sort() : aliases }),
    };
  }

  #name(fullName: string, namespace: string): JsonObject {
    if (this.#normal) return { name: fullName };
    const own = namespaceOf(fullName);
    return own === namespace
      ? { name: unqualified(fullName) }
      : { name: unqualified(fullName), namespace: own };
  }

  #contents(schema: NamedSchema, namespace: string): JsonObject {
    switch (schema.type) {
      case 'record':
        return { fields: schema.fields.map((field) => this.#field(field, namespace)) };
      case 'enum':
        return {
          symbols: schema.symbols,
          ...(schema.default !== undefined && { default: schema.default }),
        };
      case 'fixed':
        return { size: schema.size };
    }
  }

  #field(field: Field, namespace: string): JsonObject {
    const aliases = field.aliases;
    return {
      name: field.name,
      type: this.type(field.type, namespace),
      ...(field.doc !== undefined && { doc: field.doc }),
      ...(field.hasDefault && { default: field.default as Json }),
      ...(field.order !== undefined && field.order !== 'ascending' && { order: field.order }),
      ...(aliases !== undefined && { aliases: this.#normal ? [...aliases].sort() : aliases }),
      ...this.#props(field.props),
    };
  }

  /** A name without a dot means one in the namespace around it, unless that is where it would get lost. */
  #mention(fullName: string, namespace: string): string {
    if (this.#normal) return fullName;
    const short = unqualified(fullName);
    return qualify(short, namespace) === fullName ? short : fullName;
  }

  #props(props: JsonObject | undefined): JsonObject {
    if (props === undefined || !this.#normal) return props ?? {};
    return Object.fromEntries(Object.entries(props).sort(([left], [right]) => (left < right ? -1 : 1)));
  }
}
