/** Makes sure, before the first record, that the registry has agreed to a schema. */
import { checkCompatibility, parseSchema, type CompatibilityMode } from '@millrace/avro';
import { RegistryError, SchemasError } from '../errors.ts';
import { schemaText, toSchema, type SchemaInput } from '../typed-schema.ts';
import type { Registry } from './registry.ts';

export interface Agreement {
  readonly registry: Registry;
  readonly subject: string;
  readonly schema: SchemaInput;
  /** Register the schema if it is new; otherwise it must be there already. Default: only in development. */
  readonly autoRegister?: boolean;
}

/** A production process does not change contracts by starting. */
export function autoRegisterDefault(): boolean {
  return process.env['NODE_ENV'] === 'development';
}

/**
 * The schema's id under the subject.
 *
 * @throws SchemasError SCHEMAS_NOT_REGISTERED, SCHEMAS_INCOMPATIBLE (naming field, rule and fix); RegistryError
 */
export async function agree(agreement: Agreement): Promise<number> {
  const { registry, subject, schema, autoRegister = autoRegisterDefault() } = agreement;
  toSchema(schema);
  const text = schemaText(schema);
  if (!autoRegister) {
    const known = await registry.lookup(subject, text);
    if (known !== undefined) return known.id;
    const verdict = await incompatibility(agreement);
    if (verdict !== undefined) throw verdict;
    throw new SchemasError(
      'SCHEMAS_NOT_REGISTERED',
      `the schema is not registered under "${subject}" and autoRegister is off; register it first ` +
        `(millrace-schemas register ${subject} FILE) or set autoRegister: true`,
    );
  }
  try {
    return await registry.register(subject, text);
  } catch (error) {
    if (!(error instanceof RegistryError) || error.status !== 409) throw error;
    throw (await incompatibility(agreement)) ?? incompatible(subject, error.message, error);
  }
}

/** Asks for the versions and says in our words what the registry would object to; undefined where it would not. */
async function incompatibility({ registry, subject, schema }: Agreement): Promise<SchemasError | undefined> {
  const numbers = await registry.versions(subject);
  if (numbers.length === 0) return undefined;
  const mode = await registry.compatibility(subject);
  const versions = await Promise.all(numbers.map((number) => registry.version(subject, number)));
  const texts = versions.flatMap((version) => (version === undefined ? [] : [version.schema]));
  return judge({ subject, mode, schema, texts });
}

function judge({
  subject,
  mode,
  schema,
  texts,
}: {
  subject: string;
  mode: CompatibilityMode;
  schema: SchemaInput;
  texts: readonly string[];
}): SchemasError | undefined {
  const previous = texts.map((text) => parseSchema(text));
  const { compatible, incompatibilities } = checkCompatibility({
    candidate: toSchema(schema),
    previous,
    mode,
  });
  if (compatible) return undefined;
  const [first] = incompatibilities;
  const more = incompatibilities.length > 1 ? ` (and ${incompatibilities.length - 1} more)` : '';
  return incompatible(subject, `${mode}: ${first?.path}, rule ${first?.rule}: ${first?.message}${more}`);
}

function incompatible(subject: string, why: string, cause?: unknown): SchemasError {
  return new SchemasError(
    'SCHEMAS_INCOMPATIBLE',
    `the schema for "${subject}" is incompatible with what is registered; nothing was sent. ${why}`,
    { cause },
  );
}
