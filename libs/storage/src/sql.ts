/** An identifier as SQL and CQL quote it; names were checked by then, so this keeps upper case, not safety. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A table's name in its two parts; the first is a keyspace or schema. */
export function splitName(name: string): { readonly space?: string; readonly own: string } {
  const [first = '', second] = name.split('.');
  return second === undefined ? { own: first } : { space: first, own: second };
}

/** A table as SQL names it: within its schema, if it names one. */
export function quotedTable({ name }: { readonly name: string }): string {
  return name.split('.').map(quoted).join('.');
}

/** Several identifiers, separated by commas. */
export function quotedList(names: readonly string[]): string {
  return names.map(quoted).join(', ');
}
