import type { Row } from '../definition/compile-expression.ts';
import type { ColumnType } from '../definition/avro-types.ts';

/** A view's grouping columns as one string, which the engine holds as its key, and back. */
export interface GroupKeyCodec {
  /** Undefined when a column is null: such rows are set aside. */
  encode(row: Row): string | undefined;
  decode(key: string): unknown[];
}

const separator = '\u001f';
const escape = '\u0010';
const special = new RegExp(`[${separator}${escape}]`, 'g');

const protect = (text: string): string =>
  text.includes(separator) || text.includes(escape)
    ? text.replace(special, (found) => escape + (found === separator ? 's' : 'e'))
    : text;

const expose = (text: string): string =>
  text.includes(escape) ? text.replaceAll(`${escape}s`, separator).replaceAll(`${escape}e`, escape) : text;

function parseAs(type: ColumnType, text: string): unknown {
  switch (type) {
    case 'string':
      return text;
    case 'boolean':
      return text === 'true';
    case 'json':
      return JSON.parse(text);
    default:
      return Number(text);
  }
}

/** Text that is the same for equal values and different for others; longs and doubles as JavaScript writes them. */
function textOf(type: ColumnType, value: unknown): string {
  if (type === 'string' && typeof value === 'string') return value;
  return type === 'json' ? JSON.stringify(value) : String(value);
}

export function groupKeyCodec(
  columns: readonly { readonly name: string; readonly type: ColumnType }[],
): GroupKeyCodec {
  if (columns.length === 0) return { encode: () => '', decode: () => [] };
  if (columns.length === 1) {
    const { name, type } = columns[0]!;
    return {
      encode: (row) => {
        const value = row[name];
        if (value == null) return undefined;
        return type === 'string' && typeof value === 'string' ? value : textOf(type, value);
      },
      decode: (key) => [parseAs(type, key)],
    };
  }
  return {
    encode: (row) => {
      let key = '';
      for (let at = 0; at < columns.length; at++) {
        const { name, type } = columns[at]!;
        const value = row[name];
        if (value == null) return undefined;
        if (at > 0) key += separator;
        key += protect(textOf(type, value));
      }
      return key;
    },
    decode: (key) => key.split(separator).map((part, at) => parseAs(columns[at]!.type, expose(part))),
  };
}

/** Which of `count` partitions a key belongs to: FNV-1a over its UTF-16 units, mixed; must never change, state lies by it. */
export function partitionOfKey(key: string, count: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) {
    hash ^= key.charCodeAt(at);
    hash = Math.imul(hash, 0x01000193);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  return (hash >>> 0) % count;
}
