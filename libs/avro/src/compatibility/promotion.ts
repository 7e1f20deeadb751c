import { unqualified } from '../names.ts';
import type { NamedSchema, Schema } from '../schema.ts';

/** Which primitive types a reader's type may be promoted from. */
const PROMOTED_FROM: Readonly<Record<string, readonly string[]>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  string: ['bytes'],
  bytes: ['string'],
};

/** Whether the reader's type takes the writer's as far as their kinds go; names and contents are another matter. */
export function sameKind(reader: Schema, writer: Schema): boolean {
  return reader.type === writer.type || (PROMOTED_FROM[reader.type]?.includes(writer.type) ?? false);
}

/** Namespaces do not count; an alias of the reader's type stands for the writer's full name. */
export function sameName(reader: NamedSchema, writer: NamedSchema): boolean {
  return (
    unqualified(reader.name) === unqualified(writer.name) || (reader.aliases?.includes(writer.name) ?? false)
  );
}
