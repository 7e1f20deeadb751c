import type { Row } from '../definition/compile-expression.ts';
import type { ViewColumn } from '../definition/view-columns.ts';
import { AvroWriter } from './avro-writer.ts';
import type { KeyEncoder } from './encoded-keys.ts';
import { FrameColumns, FrameWatch, frameColumns } from './frame-columns.ts';
import type { GroupKeyCodec } from '../tasks/group-key.ts';
import { writeColumn } from './write-column.ts';
import type { WriteColumn } from './write-column.ts';

const opening = 0x5b;
const comma = 0x2c;
const closing = 0x5d;

export interface ResultsEncoderOptions {
  readonly columns: readonly ViewColumn[];
  readonly schemaId: number;
  readonly codec: GroupKeyCodec;
  /** Whether record keys end with the row's time. */
  readonly hasTime: boolean;
}

type WritePart = (value: AvroWriter, row: Row) => void;

/**
 * Encodes rows of a view in parts. A record's key is `keyPart` and `keyEnd`: a JSON array of the key columns and, where results
 * lie in time, their time (of windows: the start). Its value is `valuePart` and `rest`: Avro in Confluent framing.
 */
export class ResultsEncoder implements KeyEncoder {
  readonly keyPart = new AvroWriter();
  readonly valuePart = new AvroWriter();
  readonly keyEnd = new AvroWriter();
  readonly rest = new AvroWriter();
  readonly #options: ResultsEncoderOptions;
  readonly #keys: readonly WriteColumn[];
  readonly #parts: readonly WritePart[];
  readonly #watch = new FrameWatch();
  readonly #frames: FrameColumns[] = [];
  #lastTime = NaN;

  constructor(options: ResultsEncoderOptions) {
    const { columns } = options;
    this.#options = options;
    this.#keys = columns.filter((column) => column.key === true).map(writeColumn);
    this.#parts = this.#partsOf(columns.slice(this.#keys.length));
    if (!options.hasTime) this.keyEnd.byte(closing);
  }

  /** Fills `keyPart` and `valuePart`. */
  encodeKey(key: string): void {
    const { codec, schemaId, hasTime } = this.#options;
    const { keyPart, valuePart } = this;
    const values = codec.decode(key);
    keyPart.reset();
    keyPart.byte(opening);
    for (let at = 0; at < values.length; at++) {
      if (at > 0) keyPart.byte(comma);
      const value = values[at];
      if (typeof value === 'string') keyPart.jsonString(value);
      else keyPart.raw(JSON.stringify(value));
    }
    if (hasTime && values.length > 0) keyPart.byte(comma);
    writeFraming(valuePart, schemaId);
    for (let at = 0; at < this.#keys.length; at++) this.#keys[at]!(valuePart, values[at]);
  }

  /** Fills `keyEnd`. The results of a window come together, so that its start is turned into text once. */
  encodeTime(timeMs: number): void {
    if (timeMs === this.#lastTime || !this.#options.hasTime) return;
    this.#lastTime = timeMs;
    this.keyEnd.reset();
    this.keyEnd.raw(JSON.stringify(timeMs));
    this.keyEnd.byte(closing);
  }

  /** Fills `rest`. */
  encodeRest(row: Row): void {
    const { rest } = this;
    rest.reset();
    if (this.#frames.length > 0 && this.#watch.isNew(row))
      for (const frame of this.#frames) frame.encode(row);
    const parts = this.#parts;
    for (let at = 0; at < parts.length; at++) parts[at]!(rest, row);
  }

  /** One function per column, but one for neighbouring columns of the frame. */
  #partsOf(columns: readonly ViewColumn[]): WritePart[] {
    const parts: WritePart[] = [];
    for (let at = 0; at < columns.length;) {
      const run = columns.slice(at, at + countFrame(columns.slice(at)));
      if (run.length > 0) {
        const frame = new FrameColumns(
          run.map((column) => ({ name: column.name, write: writeColumn(column) })),
        );
        this.#frames.push(frame);
        parts.push((value) => value.copy(frame.bytes));
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
}

/** Starts a value with Confluent framing: a zero, then the schema's id as 32 bits. */
function writeFraming(writer: AvroWriter, schemaId: number): void {
  writer.reset();
  writer.ensure(5);
  writer.buffer[0] = 0;
  writer.buffer.writeInt32BE(schemaId, 1);
  writer.at = 5;
}

function countFrame(columns: readonly ViewColumn[]): number {
  const end = columns.findIndex(({ name, type }) => !frameColumns.has(name) || type === 'json');
  return end < 0 ? columns.length : end;
}
