import { canonicalForm } from './canonical-form.ts';
import type { Schema } from './schema.ts';

const EMPTY = 0xc15d213aa4d7a795n;

let table: BigUint64Array | undefined;

function crcTable(): BigUint64Array {
  if (table !== undefined) return table;
  table = new BigUint64Array(256);
  for (let index = 0; index < 256; index++) {
    let value = BigInt(index);
    for (let bit = 0; bit < 8; bit++) value = (value >> 1n) ^ (EMPTY & -(value & 1n));
    table[index] = BigInt.asUintN(64, value);
  }
  return table;
}

/**
 * CRC-64-AVRO of the schema's canonical form, as a signed 64-bit number (as Java prints it).
 * Take `BigInt.asUintN(64, …)` for the unsigned one.
 *
 * @example
 * fingerprint64(parseSchema('"int"')); // → 8247732601305521295n
 * @see https://avro.apache.org/docs/1.12.0/specification/#schema-fingerprints
 */
export function fingerprint64(schema: Schema): bigint {
  const values = crcTable();
  let crc = EMPTY;
  for (const byte of new TextEncoder().encode(canonicalForm(schema))) {
    crc = (crc >> 8n) ^ (values[Number(crc & 0xffn) ^ byte] as bigint);
  }
  return BigInt.asIntN(64, crc);
}
