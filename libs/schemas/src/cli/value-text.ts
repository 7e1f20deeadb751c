/** A decoded value as JSON for people: bigints as digits, bytes as hex. */
export function valueText(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, inner: unknown) => {
      if (typeof inner === 'bigint') return inner.toString();
      return inner instanceof Uint8Array ? `0x${Buffer.from(inner).toString('hex')}` : inner;
    },
    2,
  );
}
