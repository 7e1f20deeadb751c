import type { Row, Table } from './contract.ts';
import { identityColumns } from './table.ts';

/**
 * Compares rows by time, then key, as `read` returns them. Text is compared by code points, which is the
 * order of UTF-8 bytes.
 */
export function compareRows(table: Table, order: 'asc' | 'desc' = 'asc'): (a: Row, b: Row) => number {
  const keys = identityColumns(table).filter((column) => column.name !== table.time);
  const time = table.time;
  const sign = order === 'asc' ? 1 : -1;
  return (a, b) => {
    if (time !== undefined && a[time] !== b[time]) return sign * ((a[time] as number) - (b[time] as number));
    for (const { name } of keys) {
      const difference = compareValues(a[name], b[name]);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

function compareValues(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (typeof a === 'string') return compareText(a, b as string);
  return Number(a) - Number(b);
}

/** Compares text by code points, which is the order of UTF-8 bytes. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    // UTF-16 sorts surrogates (characters from U+10000) before U+E000 to U+FFFF; UTF-8 does not.
    if (left !== right) return fixSurrogate(left) - fixSurrogate(right);
  }
  return a.length - b.length;
}

function fixSurrogate(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
}
