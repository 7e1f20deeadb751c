import { AvroError } from '../errors.ts';

/** Why a payload was refused, and what to do about it. */
const REASONS = {
  AVRO_TRUNCATED: 'the bytes end before the value does; the record was cut, or written with another schema',
  AVRO_TRAILING: 'bytes are left over after the value; the record was written with another schema',
  AVRO_VARINT: 'a variable-length integer is longer than 10 bytes or wider than 64 bits',
  AVRO_INT_RANGE: 'the integer does not fit into 32 bits',
  AVRO_LONG_UNSAFE:
    'the integer is beyond ±(2^53 − 1) and would lose digits as a number; give the field {"type": "long", "exact": true} to read it as a bigint',
  AVRO_LENGTH: 'a length or block size is negative or beyond 2^53',
  AVRO_UTF8: 'the string is not valid UTF-8',
  AVRO_BOOLEAN: 'a boolean is one byte, 0 or 1',
  AVRO_ENUM_INDEX: 'the enum has no symbol of that index',
  AVRO_UNION_INDEX: 'the union has no branch of that index',
  AVRO_BLOCK_SIZE: 'the block is not as many bytes long as it says',
  AVRO_BYTES_LIMIT: 'the payload is larger than maxBytes allows',
  AVRO_STRING_LIMIT: 'the string, bytes or map key is longer than maxStringBytes allows',
  AVRO_ITEMS_LIMIT: 'the payload holds more array items and map entries than maxItems allows',
  AVRO_MAP_LIMIT: 'the map has more entries than maxMapEntries allows',
  AVRO_DEPTH_LIMIT: 'the value is nested deeper than maxDepth allows',
  AVRO_DECIMAL: 'the decimal has more digits than its precision, or more bytes than maxDecimalBytes allows',
  AVRO_DATE: 'the date is outside the years that JavaScript can name (±271,821)',
  AVRO_UNRESOLVED:
    "the writer's branch or symbol has no counterpart in the reader's schema; upgrade the reader's schema",
} as const;

export type PayloadFaultCode = keyof typeof REASONS;

/** Where and why a payload was refused; `path` starts at a record's name, as in `Order.items[].price`. */
export interface PayloadFault {
  readonly code: PayloadFaultCode;
  readonly path: string;
  /** Byte offset from the payload's first byte. */
  readonly position: number;
  readonly message: string;
}

/** A payload that is not a value of its schema, or asks for more than the limits allow. Never retriable. */
export class AvroPayloadError extends AvroError implements PayloadFault {
  override readonly name = 'AvroPayloadError';
  readonly code: PayloadFaultCode;
  readonly path: string;
  readonly position: number;

  constructor(fault: PayloadFault) {
    super(fault.message);
    this.code = fault.code;
    this.path = fault.path;
    this.position = fault.position;
  }
}

export function payloadFault(code: PayloadFaultCode, path: string, position: number): PayloadFault {
  return { code, path, position, message: `${path}, byte ${position}: ${REASONS[code]}` };
}
