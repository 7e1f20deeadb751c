/** What a schema may cost us before it is refused. */
export interface SchemaLimits {
  /** Bytes of the schema's JSON text (UTF-8). */
  readonly maxBytes: number;
  /** Types inside types. */
  readonly maxDepth: number;
  /** Records, enums and fixed types defined in one schema. */
  readonly maxNames: number;
  /** Record fields, enum symbols and union branches of one schema, together. */
  readonly maxFields: number;
  /** Characters of one name, namespace included. */
  readonly maxNameLength: number;
}

/** Far above any schema that people write, low enough that the worst one parses in milliseconds. */
export const DEFAULT_SCHEMA_LIMITS: SchemaLimits = {
  // A schema travels in one Kafka record of `_schemas`, and a broker takes about 1 MiB by default.
  maxBytes: 1_000_000,
  // Parsing, printing and compiling recurse once per level.
  maxDepth: 128,
  // Comparing two schemas costs names × names at worst.
  maxNames: 1_000,
  maxFields: 20_000,
  maxNameLength: 512,
};

/** JSON nests up to four levels per type: record object, `fields` array, field object, type. */
export const JSON_LEVELS_PER_TYPE = 4;
