import { AvroSchemaError } from '../errors.ts';
import { JSON_LEVELS_PER_TYPE, type SchemaLimits } from '../limits.ts';
import type { Json } from '../schema.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The JSON value of a schema's text. Size and nesting are measured first, without allocating.
 *
 * @throws AVRO_SCHEMA_TOO_LARGE, AVRO_SCHEMA_TOO_DEEP, AVRO_SCHEMA_NOT_JSON
 */
export function readJson(text: string, limits: SchemaLimits): Json {
  measure(text, limits);
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AvroSchemaError('AVRO_SCHEMA_NOT_JSON', '', `the schema is not JSON: ${reason}`, {
      cause: error,
    });
  }
}

function measure(text: string, limits: SchemaLimits): void {
  if (text.length > limits.maxBytes) throw tooLarge(text.length, limits);
  const maxJsonDepth = (limits.maxDepth + 1) * JSON_LEVELS_PER_TYPE;
  let bytes = 0;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    // Each half of a surrogate pair counts two of the four bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3;
    if (inString) {
      if (unit === BACKSLASH) {
        bytes++;
        at++;
      } else if (unit === QUOTE) inString = false;
    } else if (unit === QUOTE) inString = true;
    else if (unit === 0x5b || unit === 0x7b) {
      if (++depth > maxJsonDepth) {
        throw new AvroSchemaError(
          'AVRO_SCHEMA_TOO_DEEP',
          '',
          `the schema's JSON nests deeper than ${maxJsonDepth} levels; flatten it or raise maxDepth (${limits.maxDepth})`,
        );
      }
    } else if (unit === 0x5d || unit === 0x7d) depth--;
  }
  if (bytes > limits.maxBytes) throw tooLarge(bytes, limits);
}

function tooLarge(bytes: number, limits: SchemaLimits): AvroSchemaError {
  return new AvroSchemaError(
    'AVRO_SCHEMA_TOO_LARGE',
    '',
    `the schema has at least ${bytes} bytes, the limit is ${limits.maxBytes}; shorten it or raise maxBytes`,
  );
}
