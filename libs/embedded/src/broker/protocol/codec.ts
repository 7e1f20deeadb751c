import { ProtocolError } from '../../errors.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { Decoded, Encodable, Fields, List, Scalar, ScalarName } from './schema.ts';

type Struct = Record<string, unknown>;
type Read = (reader: ByteReader) => unknown;
type Write = (writer: ByteWriter, value: unknown) => void;
interface Compiled {
  readonly read: Read;
  readonly write: Write;
}

const cache = new WeakMap<Fields, Map<number, Compiled>>();

/** Reads a message of the given version. @throws EMBEDDED_PROTOCOL if the bytes are not such a message */
export function decode<S extends Fields>(
  fields: S,
  reader: ByteReader,
  form: { version: number; flexible: boolean },
): Decoded<S> {
  return compiled(fields, form.version, form.flexible).read(reader) as Decoded<S>;
}

/** Writes a message in the given version; fields that the version lacks are left out. */
export function encode<S extends Fields>(
  fields: S,
  value: Encodable<S>,
  target: { writer: ByteWriter; version: number; flexible: boolean },
): void {
  compiled(fields, target.version, target.flexible).write(target.writer, value);
}

function compiled(fields: Fields, version: number, flexible: boolean): Compiled {
  let versions = cache.get(fields);
  if (versions === undefined) cache.set(fields, (versions = new Map()));
  let result = versions.get(version);
  if (result === undefined) versions.set(version, (result = compileFields(fields, version, flexible)));
  return result;
}

function compileFields(fields: Fields, version: number, flexible: boolean): Compiled {
  const parts = Object.entries(fields).map(([name, field]) => {
    const present = version >= (field.from ?? 0) && version <= (field.to ?? Infinity);
    return {
      name,
      present,
      fallback: field.default,
      ...(present ? compileField(field, version, flexible) : {}),
    };
  });
  return {
    read(reader) {
      const struct: Struct = {};
      for (const { name, read, fallback } of parts) struct[name] = read ? read(reader) : fallback;
      if (flexible) reader.skipTags();
      return struct;
    },
    write(writer, value) {
      for (const { name, write, fallback } of parts) {
        if (!write) continue;
        const given = (value as Struct)[name];
        write(writer, given === undefined ? fallback : given);
      }
      if (flexible) writer.unsignedVarint(0);
    },
  };
}

function compileField(field: Fields[string], version: number, flexible: boolean): Compiled {
  return field.kind === 'scalar'
    ? scalar((field as Scalar).type, flexible)
    : listOf(field as List, version, flexible);
}

function listOf(field: List, version: number, flexible: boolean): Compiled {
  const element =
    typeof field.element === 'string'
      ? scalar(field.element, flexible)
      : compileFields(field.element, version, flexible);
  return {
    read(reader) {
      const length = reader.listLength(flexible);
      if (length === -1 && field.nullable) return null;
      const values: unknown[] = [];
      for (let index = 0; index < length; index++) values.push(element.read(reader));
      return values;
    },
    write(writer, value) {
      if (value === null) return writer.length(-1, flexible, 4);
      const values = value as readonly unknown[];
      writer.length(values.length, flexible, 4);
      for (const one of values) element.write(writer, one);
    },
  };
}

function scalar(type: ScalarName, flexible: boolean): Compiled {
  return scalars[type](flexible);
}

const required = <T>(value: T | null, type: string): T => {
  if (value === null) throw new ProtocolError(`a ${type} that must be there is null`);
  return value;
};

const scalars: Record<ScalarName, (flexible: boolean) => Compiled> = {
  bool: () => ({ read: (r) => r.int8() !== 0, write: (w, v) => w.int8(v ? 1 : 0) }),
  int8: () => ({ read: (r) => r.int8(), write: (w, v) => w.int8(v as number) }),
  int16: () => ({ read: (r) => r.int16(), write: (w, v) => w.int16(v as number) }),
  int32: () => ({ read: (r) => r.int32(), write: (w, v) => w.int32(v as number) }),
  int64: () => ({ read: (r) => r.int64(), write: (w, v) => w.int64(v as number) }),
  uuid: () => ({ read: (r) => r.uuid(), write: (w, v) => w.uuid(v as string) }),
  string: (flexible) => ({
    read: (r) => required(r.string(flexible), 'string'),
    write: (w, v) => w.string(v as string, flexible),
  }),
  'string?': (flexible) => ({
    read: (r) => r.string(flexible),
    write: (w, v) => w.string(v as string | null, flexible),
  }),
  bytes: (flexible) => ({
    read: (r) => required(r.slice(flexible), 'byte array'),
    write: (w, v) => w.blob(v as Buffer, flexible),
  }),
  'bytes?': (flexible) => ({
    read: (r) => r.slice(flexible),
    write: (w, v) => w.blob(v as Buffer | null, flexible),
  }),
  'records?': (flexible) => ({
    read: (r) => r.slice(flexible),
    write: (w, v) => w.records(v as Buffer | readonly Buffer[] | null, flexible),
  }),
};
