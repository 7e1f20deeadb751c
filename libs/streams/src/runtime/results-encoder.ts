import type { ColumnType } from '../definition/avro-types.ts';
import type { Row } from '../definition/compile-expression.ts';
import { stateColumns } from '../definition/view-columns.ts';
import type { ViewColumn } from '../definition/view-columns.ts';
import { AvroWriter } from './avro-writer.ts';
import { RepeatedColumns } from './repeated-columns.ts';

export type WriteValue = (writer: AvroWriter, value: unknown) => void;

const writers: Record<ColumnType, WriteValue> = {
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

export const writeColumn = ({ type, nullable }: Pick<ViewColumn, 'type' | 'nullable'>): WriteValue => {
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

/** Starts a value with Confluent framing: a zero, then the schema's id as 32 bits. */
export function writeFrame(writer: AvroWriter, schemaId: number): void {
  writer.reset();
  writer.ensure(5);
  writer.buffer[0] = 0;
  writer.buffer.writeInt32BE(schemaId, 1);
  writer.at = 5;
}

/** Columns that the results of one window share. */
const repeated: ReadonlySet<string> = new Set([
  'windowStart',
  'windowEnd',
  ...stateColumns.map(({ name }) => name),
]);
const comma = 0x2c;

type WritePart = (value: AvroWriter, row: Row) => void;

/** Encodes rows of a view, each as Confluent-framed Avro, into one buffer that is used again. */
export class ResultsEncoder {
  readonly value = new AvroWriter();
  readonly key = new AvroWriter();
  readonly #schemaId: number;
  readonly #keys: readonly WriteValue[];
  readonly #rest: readonly WritePart[];
  #lastTime = NaN;
  readonly #lastTimeText = new AvroWriter();

  constructor(columns: readonly ViewColumn[], schemaId: number) {
    this.#schemaId = schemaId;
    this.#keys = columns.filter((column) => column.key === true).map(writeColumn);
    this.#rest = partsOf(columns.slice(this.#keys.length));
  }

  /** Writes a row given by its parts: values of the key columns, then everything else by name. */
  encode(keyValues: readonly unknown[], rest: Row): void {
    const { value } = this;
    writeFrame(value, this.#schemaId);
    const keys = this.#keys;
    for (let at = 0; at < keys.length; at++) keys[at]!(value, keyValues[at]);
    const parts = this.#rest;
    for (let at = 0; at < parts.length; at++) parts[at]!(value, rest);
  }

  /** The record key: a JSON array of the key columns and, where results lie in time, their time (of windows: the start). */
  encodeKey(keyValues: readonly unknown[], timeMs?: number): void {
    const { key } = this;
    key.reset();
    key.byte(0x5b);
    for (let at = 0; at < keyValues.length; at++) {
      if (at > 0) key.byte(comma);
      const value = keyValues[at];
      if (typeof value === 'string') key.jsonString(value);
      else key.raw(JSON.stringify(value));
    }
    if (timeMs !== undefined) {
      if (keyValues.length > 0) key.byte(comma);
      key.copy(this.#timeText(timeMs));
    }
    key.byte(0x5d);
  }

  /** The results of a window come together, so that its start is turned into text once. */
  #timeText(timeMs: number): AvroWriter {
    const text = this.#lastTimeText;
    if (timeMs !== this.#lastTime) {
      this.#lastTime = timeMs;
      text.reset();
      text.raw(JSON.stringify(timeMs));
    }
    return text;
  }
}

/** One function per column, but one for neighbouring columns that repeat themselves. */
function partsOf(columns: readonly ViewColumn[]): WritePart[] {
  const parts: WritePart[] = [];
  for (let at = 0; at < columns.length;) {
    const run = columns.slice(at, at + countRepeated(columns.slice(at)));
    if (run.length > 1) {
      const group = new RepeatedColumns(
        run.map((column) => ({ name: column.name, write: writeColumn(column) })),
      );
      parts.push((value, row) => group.write(value, row));
      at += run.length;
    } else {
      const { name } = columns[at]!;
      const write = writeColumn(columns[at]!);
      parts.push((value, row) => write(value, row[name]));
      at++;
    }
  }
  return parts;
}

function countRepeated(columns: readonly ViewColumn[]): number {
  const end = columns.findIndex(({ name, type }) => !repeated.has(name) || type === 'json');
  return end < 0 ? columns.length : end;
}
