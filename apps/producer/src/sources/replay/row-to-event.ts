import type { PipelineDefinition } from '@millrace/streams';
import { eventTimeField, type TypedSchema } from '@millrace/schemas';
import { ReplayError } from './errors.ts';
import type { MappedColumn, Mapping } from './mapping.ts';
import { converter, plausibleRange, unitsFor } from './units.ts';

export type FileRow = Readonly<Record<string, unknown>>;

/** Why a row, or a part of it, is no event. */
export class RowFault extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface RowReader {
  /** Epoch milliseconds. @throws RowFault */
  time(row: FileRow): number;
  /** The event's fields, its time being `timeMs`. @throws RowFault */
  event(row: FileRow, timeMs: number): Record<string, unknown>;
}

/** Reads rows as a mapping says. @throws ReplayError REPLAY_MAPPING for a unit that cannot become the schema's */
export function rowReader(mapping: Mapping, pipeline: PipelineDefinition): RowReader {
  const schema = pipeline.sources[mapping.source]!.schema as TypedSchema;
  const timeField = pipeline.sources[mapping.source]!.eventTime ?? eventTimeField(schema) ?? 'time';
  const empty = Object.fromEntries(schema.fields.filter(isNullable).map(({ name }) => [name, null]));
  const readers = Object.entries(mapping.fields).map(([name, column]) => {
    const field = schema.fields.find((candidate) => candidate.name === name)!;
    return { name, read: columnReader(column, field as unknown as SchemaField) };
  });
  return {
    time: (row) => timeOf(row, mapping.time),
    event(row, timeMs) {
      const value: Record<string, unknown> = { ...empty, ...mapping.constants };
      for (const { name, read } of readers) value[name] = read(row);
      value[timeField] = timeMs;
      return value;
    },
  };
}

interface SchemaField {
  readonly name: string;
  readonly type: unknown;
  readonly unit?: string;
}

const branches = ({ type }: { readonly type: unknown }): unknown[] => (Array.isArray(type) ? type : [type]);
const isNullable = (field: { readonly type: unknown }): boolean => branches(field).includes('null');
const numeric = new Set<unknown>(['double', 'float', 'int', 'long']);

function columnReader(column: MappedColumn, field: SchemaField): (row: FileRow) => unknown {
  const nulls = new Set(['', ...(column.nullWhen ?? [])]);
  const [type] = branches(field).filter((branch) => branch !== 'null');
  const read = numeric.has(type) ? numberReader(column, field) : type === 'boolean' ? readBoolean : String;
  return (row) => {
    const cell = row[column.column];
    const missing =
      cell === null || cell === undefined || (typeof cell === 'string' && nulls.has(cell.trim()));
    if (!missing) return read(cell, column.column);
    if (isNullable(field)) return null;
    throw new RowFault(
      'REPLAY_VALUE_MISSING',
      `column "${column.column}" has no value, and ${field.name} needs one`,
    );
  };
}

function numberReader(column: MappedColumn, field: SchemaField): (cell: unknown) => number {
  const to = field.unit ?? '';
  const from = column.unit ?? to;
  const convert = converter(from, to);
  if (convert === undefined)
    throw new ReplayError(
      'REPLAY_MAPPING',
      `column "${column.column}": nothing is known of how ${from} becomes ${to} (${field.name}); use one of ${unitsFor(to).join(', ')}`,
    );
  const [min, max] = plausibleRange(to) ?? [-Infinity, Infinity];
  const low = column.min ?? min;
  const high = column.max ?? max;
  return (cell) => {
    const number = typeof cell === 'string' ? Number(cell) : typeof cell === 'bigint' ? Number(cell) : cell;
    if (typeof number !== 'number' || !Number.isFinite(number))
      throw new RowFault(
        'REPLAY_VALUE_INVALID',
        `column "${column.column}" is ${shown(cell)}, which is no number`,
      );
    const value = convert(number);
    if (value >= low && value <= high) return value;
    const converted = from === to ? '' : ` (${Number(value.toFixed(3))} ${to})`;
    throw new RowFault(
      'REPLAY_VALUE_IMPLAUSIBLE',
      `column "${column.column}" is ${number} ${from}${converted}, outside of ${low} to ${high} ${to}; is it in ${unitsFor(
        to,
      )
        .filter((unit) => unit !== from)
        .join(' or ')}? Then say so in the mapping`,
    );
  };
}

function readBoolean(cell: unknown, column: string): boolean {
  const text = String(cell).toLowerCase();
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw new RowFault('REPLAY_VALUE_INVALID', `column "${column}" is ${shown(cell)}, neither true nor false`);
}

function timeOf(row: FileRow, { column, format }: Mapping['time']): number {
  const cell = row[column];
  const timeMs = Math.round(toMs(cell, format));
  // Before 1900 or after 2200 it is another unit, not another time.
  if (timeMs >= Date.UTC(1900) && timeMs < Date.UTC(2200)) return timeMs;
  throw new RowFault(
    'REPLAY_TIME_INVALID',
    `column "${column}" is ${shown(cell)}, which is no time between 1900 and 2200 in the format ${format}`,
  );
}

function toMs(cell: unknown, format: Mapping['time']['format']): number {
  if (cell instanceof Date) return cell.getTime();
  if (cell === null || cell === undefined || cell === '') return NaN;
  if (format === 'epochSeconds') return Number(cell) * 1000;
  if (format === 'epochMs') return Number(cell);
  const text = String(cell).trim();
  const isLocal = !/(z|[+-]\d\d:?\d\d)$/i.test(text);
  return Date.parse(isLocal ? `${text.replace(' ', 'T')}${text.length > 10 ? 'Z' : 'T00:00:00Z'}` : text);
}

const shown = (cell: unknown): string =>
  cell === undefined
    ? 'missing'
    : typeof cell === 'string'
      ? JSON.stringify(cell.slice(0, 40))
      : String(cell);
