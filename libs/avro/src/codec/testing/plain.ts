/** The schema without logical types and properties: what other libraries make of it without being told more. */
export function withoutLogicalTypes(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withoutLogicalTypes);
  if (typeof json !== 'object' || json === null) return json;
  const kept = Object.entries(json).filter(
    ([key]) => !['logicalType', 'precision', 'scale', 'exact'].includes(key),
  );
  return Object.fromEntries(
    kept.map(([key, value]) => [key, key === 'default' ? value : withoutLogicalTypes(value)]),
  );
}

/**
 * Values of different libraries, made comparable: prototypes, buffers and NaN aside. avsc 5.7.9 turns longs below −2^52
 * into positive ones and refuses ±(2^53 − 1), so whole numbers of that size are not compared with it.
 */
export function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes:${Buffer.from(value).toString('hex')}`;
  if (typeof value === 'bigint') return `bigint:${value}`;
  if (typeof value === 'number') return comparableNumber(value);
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  // In avsc a map's `__proto__` sets the prototype and is lost as a key.
  const entries = Object.entries(value).filter(([key]) => key !== '__proto__');
  return entries.map(([key, inner]) => [key, comparable(inner)]);
}

export const BEYOND_2_52 = 'beyond 2^52';

function comparableNumber(value: number): unknown {
  if (Number.isSafeInteger(value) && Math.abs(value) >= 2 ** 52) return BEYOND_2_52;
  return Object.is(value, -0) ? '-0' : Number.isFinite(value) ? value : `${value}`;
}
