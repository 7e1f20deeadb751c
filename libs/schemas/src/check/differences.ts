/** The fields of two schemas side by side, for people. */
import type { Field, Schema } from '@millrace/avro';
import { TypeNames, typeText } from '../generate/type-text.ts';

/** One line per field that was added (`+`), removed (`-`) or changed (`~`); records are compared at their top. */
export function differences(older: Schema, newer: Schema): readonly string[] {
  if (older.type !== 'record' || newer.type !== 'record') {
    const [from, to] = [text(older), text(newer)];
    return from === to ? [] : [`~ ${from} → ${to}`];
  }
  const before = new Map(older.fields.map((field) => [field.name, field]));
  const after = new Map(newer.fields.map((field) => [field.name, field]));
  const lines: string[] = [];
  for (const [name, field] of before) if (!after.has(name)) lines.push(`- ${name}: ${describe(field)}`);
  for (const [name, field] of after) {
    const old = before.get(name);
    if (old === undefined) lines.push(`+ ${name}: ${describe(field)}`);
    else if (describe(old) !== describe(field))
      lines.push(`~ ${name}: ${describe(old)} → ${describe(field)}`);
  }
  return lines;
}

function describe({ type, hasDefault, default: value, aliases = [] }: Field): string {
  const fallback = hasDefault ? ` = ${JSON.stringify(value)}` : '';
  const formerly = aliases.length > 0 ? `, formerly ${aliases.join(', ')}` : '';
  return `${text(type)}${fallback}${formerly}`;
}

/** Avro's own words for numbers, where TypeScript's are all `number`. */
function text(schema: Schema): string {
  switch (schema.type) {
    case 'union':
      return schema.branches.map(text).join(' | ');
    case 'array':
      return `array of ${text(schema.items)}`;
    case 'map':
      return `map of ${text(schema.values)}`;
    case 'enum':
      return `enum ${schema.name} (${schema.symbols.join(', ')})`;
    case 'record':
      return typeText(schema, new TypeNames());
    case 'fixed':
      return `fixed ${schema.name} (${schema.size} bytes)${logical(schema)}`;
    default:
      return `${schema.type}${logical(schema)}`;
  }
}

function logical({
  logicalType,
  precision,
  scale,
}: {
  logicalType?: string;
  precision?: number;
  scale?: number;
}): string {
  if (logicalType === undefined) return '';
  return precision === undefined ? ` (${logicalType})` : ` (${logicalType} ${precision}, ${scale ?? 0})`;
}
