/** What a repartition record says besides the partial windows in it. */
export interface RepartitionHeader {
  /** The source partition that it comes from. */
  readonly partition: number;
  /** That partition's watermark once everything in the record was counted; -Infinity before its first event. */
  readonly watermark: number;
  /** The partition is silent: it no longer holds the watermark back. */
  readonly isIdle: boolean;
}

const version = 1;
/** Bytes before the partial windows. */
export const repartitionHeaderBytes = 14;

export function writeRepartitionHeader(
  into: Buffer,
  { partition, watermark, isIdle }: RepartitionHeader,
): void {
  into[0] = version;
  into[1] = isIdle ? 1 : 0;
  into.writeInt32BE(partition, 2);
  into.writeDoubleBE(watermark, 6);
}

/** Undefined when the bytes are none of ours. */
export function readRepartitionHeader(
  bytes: Buffer,
  start: number,
  end: number,
): RepartitionHeader | undefined {
  if (start < 0 || end - start < repartitionHeaderBytes || bytes[start] !== version) return undefined;
  return {
    isIdle: bytes[start + 1] === 1,
    partition: bytes.readInt32BE(start + 2),
    watermark: bytes.readDoubleBE(start + 6),
  };
}
