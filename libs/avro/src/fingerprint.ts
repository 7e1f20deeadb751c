import { canonicalForm } from './canonical-form.ts';
import type { Schema } from './schema.ts';

/** The polynomial, and the value of no bytes. */
const EMPTY = 0xc15d213aa4d7a795n;

/** Upper and lower halves: 64-bit numbers of JavaScript are twenty times as slow. */
interface CrcTable {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
}

let table: CrcTable | undefined;

function crcTable(): CrcTable {
  if (table !== undefined) return table;
  const [high, low] = [new Uint32Array(256), new Uint32Array(256)];
  for (let index = 0; index < 256; index++) {
    let value = BigInt(index);
    for (let bit = 0; bit < 8; bit++) value = (value >> 1n) ^ (EMPTY & -(value & 1n));
    high[index] = Number(BigInt.asUintN(32, value >> 32n));
    low[index] = Number(BigInt.asUintN(32, value));
  }
  return (table = { high, low });
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
  const crc = crcTable();
  let high = Number(EMPTY >> 32n);
  let low = Number(BigInt.asUintN(32, EMPTY));
  for (const byte of new TextEncoder().encode(canonicalForm(schema))) {
    const index = (low ^ byte) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (crc.low[index] as number);
    high = (high >>> 8) ^ (crc.high[index] as number);
  }
  return BigInt.asIntN(64, (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0));
}
