import type { ColumnType } from '../definition/avro-types.ts';
import type { ViewColumn } from '../definition/view-columns.ts';
import type { AvroWriter } from './avro-writer.ts';

/** Writes one column's value. */
export type WriteColumn = (writer: AvroWriter, value: unknown) => void;

const writers: Record<ColumnType, WriteColumn> = {
  string: (writer, value) => writer.string(typeof value === 'string' ? value : String(value)),
  long: (writer, value) => writer.long(wholeNumber(value)),
  timestamp: (writer, value) => writer.long(instant(value)),
  double: (writer, value) => writer.double(Number(value)),
  boolean: (writer, value) => writer.boolean(value === true),
  json: (writer, value) => writer.string(JSON.stringify(value)),
};

/** The zero of each type, for a column that may not be null but has no value. */
const empty: Record<ColumnType, unknown> = {
  string: '',
  long: 0,
  timestamp: 0,
  double: 0,
  boolean: false,
  json: null,
};

function wholeNumber(value: unknown): number {
  const number = Number(value);
  if (number === Infinity) return Number.MAX_SAFE_INTEGER;
  if (number === -Infinity) return Number.MIN_SAFE_INTEGER;
  return Math.trunc(number);
}

/** The first and the last instant that a `Date` can be, and stores take: what a window without bounds starts and ends with. */
const MAX_INSTANT_MS = 8_640_000_000_000_000;

function instant(value: unknown): number {
  return Math.trunc(Math.min(Math.max(Number(value), -MAX_INSTANT_MS), MAX_INSTANT_MS));
}

/** What writes a column: values of other types are brought into its own, null and what is none go to branch 0. */
export const writeColumn = ({ type, nullable }: Pick<ViewColumn, 'type' | 'nullable'>): WriteColumn => {
  const write = writers[type];
  if (!nullable) return (writer, value) => write(writer, value ?? empty[type]);
  const isNoInstant = (value: number) => type === 'timestamp' && value === -Infinity;
  return (writer, value) => {
    if (value == null || (typeof value === 'number' && (Number.isNaN(value) || isNoInstant(value)))) {
      writer.byte(0);
      return;
    }
    // Branch 1 of ["null", type].
    writer.byte(2);
    write(writer, value);
  };
};
