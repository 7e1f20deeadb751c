/** Rows as lines of text with aligned columns; numbers to the right. */
export function formatTable(columns: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cells = rows.map((row) => row.map(cell));
  const widths = columns.map((name, index) =>
    Math.max(name.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const numeric = columns.map((_, index) =>
    rows.every((row) => ['number', 'bigint'].includes(typeof row[index])),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((text, index) =>
        numeric[index] === true ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [
    line(columns),
    rule,
    ...cells.map(line),
    `(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})`,
  ].join('\n');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'object')
    return JSON.stringify(value, (_name, inner: unknown) =>
      typeof inner === 'bigint' ? Number(inner) : inner,
    );
  return String(value);
}
