import type { Random } from './random.ts';

/** Bytes that parsers trip over: ends of varints, huge counts, negative ones, surrogates. */
const NASTY = [
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x80, 0xa0, 0xd9, 0xe6, 0x1d],
  [0x80, 0x80, 0x00],
  [0x01],
  [0x03, 0x02],
  [0xed, 0xa0, 0x80],
  [0xc0, 0xaf],
  [0x12, ...Buffer.from('__proto__')],
];

/** A copy of `bytes` with one to four faults in it. */
export function mutate(bytes: Uint8Array, random: Random): Buffer {
  let mutated: Buffer = Buffer.from(bytes);
  for (let count = 1 + random.below(4); count > 0; count--) mutated = mutateOnce(mutated, random);
  return mutated;
}

function mutateOnce(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  const other = random.below(bytes.length + 1);
  switch (random.below(8)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([random.below(256)]), bytes.subarray(at)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, Math.min(at, other)), bytes.subarray(Math.max(at, other))]);
    case 3:
      return Buffer.concat([bytes, bytes.subarray(at)]);
    case 4:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(random.pick(NASTY)), bytes.subarray(at)]);
    case 5: {
      const nasty = Buffer.from(random.pick(NASTY));
      return Buffer.concat([
        bytes.subarray(0, at),
        nasty,
        bytes.subarray(Math.min(bytes.length, at + nasty.length)),
      ]);
    }
    default: {
      const copy = Buffer.from(bytes);
      if (copy.length > 0)
        copy[at % copy.length] =
          random.below(2) === 0 ? random.below(256) : copy[at % copy.length]! ^ (1 << random.below(8));
      return copy;
    }
  }
}
