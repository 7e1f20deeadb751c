import type { KeyValue } from '../kafka/schemas-log.ts';

export interface SchemaReference {
  /** What the schema calls it; for Avro, the full name of the type. */
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** One version of a subject, as it is stored. */
export interface SchemaValue {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  /** Absent: AVRO. */
  readonly schemaType?: string;
  readonly references?: readonly SchemaReference[];
  readonly schema: string;
  readonly deleted: boolean;
}

export interface ConfigValue {
  readonly subject?: string;
  readonly compatibilityLevel?: string;
  readonly normalize?: boolean;
}

/**
 * What a record of the topic says. Keys and values are the JSON that Confluent's registry writes, so that one may
 * take over the other's topic. A value of null takes back what the key stands for; subject null is all subjects.
 */
export type RegistryRecord =
  | {
      readonly keytype: 'SCHEMA';
      readonly subject: string;
      readonly version: number;
      readonly value: SchemaValue | null;
    }
  | { readonly keytype: 'CONFIG'; readonly subject: string | null; readonly value: ConfigValue | null }
  | {
      readonly keytype: 'MODE';
      readonly subject: string | null;
      readonly value: { readonly subject?: string; readonly mode: string } | null;
    }
  | {
      readonly keytype: 'DELETE_SUBJECT';
      readonly subject: string;
      readonly value: { readonly subject: string; readonly version: number } | null;
    }
  /** Ours: the greatest id ever given, so that compaction cannot make an id free again. */
  | { readonly keytype: 'NOOP'; readonly value: { readonly maxId?: number } | null };

const MAGIC = { SCHEMA: 1, CONFIG: 0, MODE: 0, DELETE_SUBJECT: 0, NOOP: 0 } as const;

export function encodeRecord(record: RegistryRecord): KeyValue {
  const { keytype, value } = record;
  const key = {
    keytype,
    ...('subject' in record && { subject: record.subject }),
    ...('version' in record && { version: record.version }),
    magic: MAGIC[keytype],
  };
  return {
    key: Buffer.from(JSON.stringify(key)),
    value: value === null ? null : Buffer.from(JSON.stringify(value)),
  };
}

/** undefined for what is no record of a registry, or of a kind that is not known here: it is passed over. */
export function decodeRecord({ key, value }: KeyValue): RegistryRecord | undefined {
  const parsedKey = parseObject(key);
  const parsedValue = value === null ? null : parseObject(value);
  if (parsedKey === undefined || parsedValue === undefined) return undefined;
  const { keytype, subject = null, version } = parsedKey as Record<string, unknown>;
  switch (keytype) {
    case 'SCHEMA':
      if (typeof subject !== 'string' || typeof version !== 'number') return undefined;
      if (parsedValue !== null && !isSchemaValue(parsedValue)) return undefined;
      return { keytype, subject, version, value: parsedValue };
    case 'CONFIG':
    case 'MODE':
      if (subject !== null && typeof subject !== 'string') return undefined;
      return { keytype, subject, value: parsedValue as never };
    case 'DELETE_SUBJECT':
      if (typeof subject !== 'string') return undefined;
      return { keytype, subject, value: parsedValue as { subject: string; version: number } | null };
    case 'NOOP':
      return { keytype, value: parsedValue };
    default:
      return undefined;
  }
}

function isSchemaValue(value: object): value is SchemaValue {
  const { subject, version, id, schema } = value as Partial<SchemaValue>;
  return (
    typeof subject === 'string' &&
    typeof version === 'number' &&
    typeof id === 'number' &&
    typeof schema === 'string'
  );
}

function parseObject(bytes: Buffer): object | undefined {
  if (bytes.length === 0) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
