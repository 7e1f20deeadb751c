/** An identifier as SQL and CQL quote it; names were checked by then, so this keeps upper case, not safety. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Several identifiers, separated by commas. */
export function quotedList(names: readonly string[]): string {
  return names.map(quoted).join(', ');
}
