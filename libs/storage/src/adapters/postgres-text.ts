import type { Column, Row } from '../contract.ts';

/** Text of about this size is given to the socket at once. */
const chunkLength = 64 << 10;

/** Rows in the text format of COPY, in pieces. @see https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9.2 */
export function* copyText(columns: readonly Column[], rows: readonly Row[]): Generator<Buffer> {
  let text = '';
  for (const row of rows) {
    for (let index = 0; index < columns.length; index++) {
      const { name, type } = columns[index] as Column;
      if (index > 0) text += '\t';
      const value = row[name] ?? null;
      if (value === null) text += '\\N';
      else if (type === 'string') text += escaped(value as string);
      else if (type === 'json') text += escaped(JSON.stringify(value));
      else if (type === 'timestamp') text += timestampText(value as number);
      else text += String(value);
    }
    text += '\n';
    if (text.length >= chunkLength) {
      yield Buffer.from(text);
      text = '';
    }
  }
  if (text !== '') yield Buffer.from(text);
}

/** A time as Postgres reads it in any session, from 4713 BC to the year 275760. */
export function timestampText(timeMs: number): string {
  const date = new Date(timeMs);
  const iso = date.toISOString();
  const year = date.getUTCFullYear();
  if (year >= 1 && year <= 9999) return iso;
  const rest = iso.slice(iso.indexOf('-', 1));
  return year > 9999 ? `${year}${rest}` : `${String(1 - year).padStart(4, '0')}${rest} BC`;
}

const special = /[\\\t\n\r]/;

function escaped(text: string): string {
  if (!special.test(text)) return text;
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('\t', '\\t')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
}
