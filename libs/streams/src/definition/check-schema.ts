import { shown } from './plain-data.ts';

const primitives = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string']);
/** Names of records, enums, fields and symbols. @see https://avro.apache.org/docs/1.12.0/specification/#names */
const nameShape = /^[A-Za-z_][A-Za-z0-9_]*$/;
const fullNameShape = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/;

type Json = Readonly<Record<string, unknown>>;

/** The named types so far, the namespace that short names are in, and the field that is looked at. */
interface Scope {
  readonly known: Set<string>;
  readonly namespace: string;
  readonly field: string;
}

/** Why something is no Avro schema of a record; undefined when it is one. */
export function schemaProblem(schema: unknown): string | undefined {
  if (!isObject(schema) || schema['type'] !== 'record')
    return `is ${shown(schema)}, not an Avro record schema`;
  return typeProblem(schema, { known: new Set(), namespace: '', field: '' });
}

function typeProblem(type: unknown, scope: Scope): string | undefined {
  if (typeof type === 'string')
    return primitives.has(type) || scope.known.has(fullName(type, scope.namespace)) || scope.known.has(type)
      ? undefined
      : `${has(scope)} the type "${type}", which there is not: write a type of Avro, or the name of one that is defined before`;
  if (Array.isArray(type)) return unionProblem(type, scope);
  if (!isObject(type)) return `${has(scope)} the type ${shown(type)}: write a type of Avro`;
  switch (type['type']) {
    case 'array':
      return typeProblem(type['items'], scope);
    case 'map':
      return typeProblem(type['values'], scope);
    case 'record':
    case 'error':
    case 'enum':
    case 'fixed':
      return namedProblem(type, scope);
    default:
      return typeProblem(type['type'], scope);
  }
}

function unionProblem(branches: readonly unknown[], scope: Scope): string | undefined {
  if (branches.length === 0) return `${has(scope)} a union of no types: name one at least`;
  const seen = new Set<unknown>();
  for (const branch of branches) {
    if (Array.isArray(branch)) return `${has(scope)} a union within a union: write all types into one`;
    const problem = typeProblem(branch, scope);
    if (problem !== undefined) return problem;
    const kind = kindOf(branch);
    if (seen.has(kind)) return `${has(scope)} a union with ${kind} twice: name it once`;
    seen.add(kind);
  }
  return undefined;
}

/** What tells the branches of a union apart: the name of a named type, the kind of any other. */
const kindOf = (branch: unknown): string => {
  if (!isObject(branch)) return String(branch);
  return String(branch['name'] ?? (isObject(branch['type']) ? kindOf(branch['type']) : branch['type']));
};

function namedProblem(type: Json, scope: Scope): string | undefined {
  const { known, namespace } = scope;
  const { name, type: kind } = type;
  if (typeof name !== 'string' || !fullNameShape.test(name))
    return `${has(scope)} the ${String(kind)} name ${shown(name)}: write a letter or "_", then letters, digits or "_"`;
  const own = typeof type['namespace'] === 'string' ? type['namespace'] : namespace;
  const full = fullName(name, own);
  if (known.has(full))
    return `${has(scope)} another "${full}": define it once, and write its name the second time`;
  known.add(full);
  if (kind === 'enum') return symbolsProblem(type['symbols'], scope);
  if (kind === 'fixed')
    return Number.isSafeInteger(type['size']) && (type['size'] as number) >= 0
      ? undefined
      : `${has(scope)} the fixed "${full}" of ${shown(type['size'])} bytes: write a whole number`;
  const inner = { ...scope, namespace: full.slice(0, Math.max(0, full.lastIndexOf('.'))) };
  return fieldsProblem(type['fields'], inner);
}

function fieldsProblem(fields: unknown, scope: Scope): string | undefined {
  if (!Array.isArray(fields)) return `${has(scope)} a record without a list of fields`;
  const names = new Set<unknown>();
  for (const field of fields as readonly unknown[]) {
    const name = isObject(field) ? field['name'] : undefined;
    if (!isObject(field) || typeof name !== 'string' || !nameShape.test(name) || name === '__proto__')
      return `${has(scope)} a field called ${shown(name)}: write a letter or "_", then letters, digits or "_"`;
    if (names.has(name)) return `${has(scope)} the field "${name}" twice: rename one`;
    names.add(name);
    const at = { ...scope, field: scope.field === '' ? name : `${scope.field}.${name}` };
    const problem = typeProblem(field['type'], at) ?? marksProblem(field, at);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** What is ours beside Avro's own. */
function marksProblem({ unit, pii, eventTime }: Json, scope: Scope): string | undefined {
  if (unit !== undefined && typeof unit !== 'string')
    return `${has(scope)} the unit ${shown(unit)}: write text`;
  for (const [mark, value] of Object.entries({ pii, eventTime }))
    if (value !== undefined && typeof value !== 'boolean')
      return `${has(scope)} the mark "${mark}": ${shown(value)}: write true or false`;
  return undefined;
}

function symbolsProblem(symbols: unknown, scope: Scope): string | undefined {
  if (!Array.isArray(symbols) || symbols.length === 0) return `${has(scope)} an enum without symbols`;
  const wrong = symbols.findIndex(
    (symbol, at) => typeof symbol !== 'string' || !nameShape.test(symbol) || symbols.indexOf(symbol) !== at,
  );
  return wrong < 0
    ? undefined
    : `${has(scope)} the symbol ${shown(symbols[wrong])}, which is no name, or stands there twice`;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const fullName = (name: string, namespace: string) =>
  name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
const has = ({ field }: Scope) => (field === '' ? 'has' : `field "${field}" has`);
