import type { JsonObject, Logical, LogicalTypeName } from '../schema.ts';

type PlainLogicalType = Exclude<LogicalTypeName, 'decimal'>;

const BASES: Readonly<Record<PlainLogicalType, readonly string[]>> = {
  uuid: ['string', 'fixed'],
  date: ['int'],
  'time-millis': ['int'],
  'time-micros': ['long'],
  'timestamp-millis': ['long'],
  'timestamp-micros': ['long'],
  'timestamp-nanos': ['long'],
  'local-timestamp-millis': ['long'],
  'local-timestamp-micros': ['long'],
  'local-timestamp-nanos': ['long'],
  duration: ['fixed'],
  'big-decimal': ['bytes'],
};

/**
 * The logical type that `attributes` ask for, if it is one that Avro knows and that fits the base type;
 * otherwise nothing, and the base type stands alone.
 *
 * @see https://avro.apache.org/docs/1.12.0/specification/#logical-types
 */
export function logicalOf(base: string, attributes: JsonObject, size?: number): Logical {
  const name = Object.hasOwn(attributes, 'logicalType') ? attributes['logicalType'] : undefined;
  if (typeof name !== 'string') return {};
  if (name === 'decimal') return decimal(base, attributes, size);
  if (!Object.hasOwn(BASES, name) || !BASES[name as PlainLogicalType].includes(base)) return {};
  if (name === 'duration' && size !== 12) return {};
  if (name === 'uuid' && base === 'fixed' && size !== 16) return {};
  return { logicalType: name as PlainLogicalType };
}

function decimal(base: string, { precision, scale = 0 }: JsonObject, size: number | undefined): Logical {
  if (base !== 'bytes' && base !== 'fixed') return {};
  if (!Number.isSafeInteger(precision) || !Number.isSafeInteger(scale)) return {};
  const digits = precision as number;
  if (digits < 1 || (scale as number) < 0 || (scale as number) > digits) return {};
  // A two's complement number of n bytes holds floor(log10(2^(8n−1) − 1)) decimal digits.
  if (size !== undefined && digits > Math.floor(Math.log10(2) * (8 * size - 1))) return {};
  return { logicalType: 'decimal', precision: digits, scale: scale as number };
}
