import { AvroSchemaError } from './errors.ts';
import type { PrimitiveName } from './schema.ts';

const SIMPLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const FULL_NAME = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/;

export const PRIMITIVES: ReadonlySet<string> = new Set<PrimitiveName>([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
]);

/** A field name or enum symbol. @throws AVRO_SCHEMA_NAME */
export function checkSimpleName(name: string, what: string, path: string): void {
  if (!SIMPLE_NAME.test(name)) throw badName(name, what, path);
}

/** A type name or namespace, dots allowed. @throws AVRO_SCHEMA_NAME */
export function checkFullName(name: string, what: string, path: string): void {
  if (!FULL_NAME.test(name)) throw badName(name, what, path);
}

/** A dotted name is a full name already; any other takes the namespace, unless that is the null one (`''`). */
export function qualify(name: string, namespace: string): string {
  return namespace === '' || name.includes('.') ? name : `${namespace}.${name}`;
}

/** `''` for a name in the null namespace. */
export function namespaceOf(fullName: string): string {
  return fullName.slice(0, Math.max(0, fullName.lastIndexOf('.')));
}

/** The name without its namespace: what schema resolution compares. */
export function unqualified(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf('.') + 1);
}

function badName(name: string, what: string, path: string): AvroSchemaError {
  const shown = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  return new AvroSchemaError(
    'AVRO_SCHEMA_NAME',
    path,
    `${JSON.stringify(shown)} cannot be ${what}: use letters, digits and _ only, and begin with a letter or _`,
  );
}
