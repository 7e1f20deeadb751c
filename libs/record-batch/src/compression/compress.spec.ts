import { describe, expect, it } from '@jest/globals';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { lz4Compress, snappyCompress } from '@platformatic/wasm-utils';
import fc from 'fast-check';
import { RecordBatchError } from '../errors.ts';
import { CODECS } from './codec.ts';
import { compress } from './compress.ts';
import { decompress } from './decompress.ts';

const LIMIT = { maxBytes: 1 << 22 };
/** Text-like, run-like and random data, so that literals, overlapping and distant matches all occur. */
const data = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom('the quick ', 'brown fox ', 'x').map((text) => Buffer.from(text)),
      fc.tuple(fc.nat(255), fc.nat(3000)).map(([byte, length]) => Buffer.alloc(length, byte)),
    ),
    { maxLength: 80 },
  )
  .map((parts) => Buffer.concat(parts));

describe('compress', () => {
  it.each(CODECS)('is undone by decompress (%s)', (codec) => {
    fc.assert(
      fc.property(data, (bytes) => {
        expect(decompress(codec, compress(codec, bytes), LIMIT).equals(bytes)).toBe(true);
      }),
    );
  });

  it.each(CODECS)('handles data of many blocks (%s)', (codec) => {
    const bytes = Buffer.from(
      Array.from({ length: 60_000 }, (_, index) => `row ${index} ${(index * 7919) % 1013}\n`).join(''),
    );
    expect(decompress(codec, compress(codec, bytes), LIMIT).equals(bytes)).toBe(true);
  });
});

describe('decompress', () => {
  it('reads raw snappy as well as the xerial framing', () => {
    const bytes = Buffer.from('abcabcabc'.repeat(1000));
    expect(decompress('snappy', snappyCompress(bytes), LIMIT).equals(bytes)).toBe(true);
    const framed = compress('snappy', bytes);
    expect(decompress('snappy', Buffer.concat([framed, framed]), LIMIT).length).toBe(18_000);
  });

  it('reads LZ4 frames one behind the other, with a skippable one between', () => {
    const one = lz4Compress(Buffer.from('one'));
    const skippable = Buffer.from([0x52, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9]);
    expect(decompress('lz4', Buffer.concat([one, skippable, one]), LIMIT).toString()).toBe('oneone');
  });

  it.each([
    ['gzip', gzipSync(Buffer.alloc(1 << 23))],
    ['zstd', zstdCompressSync(Buffer.alloc(1 << 23))],
    ['lz4', lz4Compress(Buffer.alloc(1 << 23))],
    ['snappy', snappyCompress(Buffer.alloc(1 << 23))],
    ['snappy', compress('snappy', Buffer.alloc(1 << 23))],
  ] as const)('refuses a bomb of %s with a typed error', (codec, bomb) => {
    expect(() => decompress(codec, bomb, LIMIT)).toThrow(
      expect.objectContaining({ code: 'RECORD_BATCH_TOO_LARGE' }),
    );
  });

  it('refuses a snappy length that its bytes cannot hold before it allocates', () => {
    const lie = Buffer.from([0xff, 0xff, 0xff, 0x01, 0, 0]);
    expect(() => decompress('snappy', lie, { maxBytes: 1 << 28 })).toThrow(
      expect.objectContaining({ code: 'RECORD_BATCH_COMPRESSION' }),
    );
  });

  it.each(CODECS.filter((codec) => codec !== 'none'))(
    'gives a typed error for anything else (%s)',
    (codec) => {
      const good = compress(codec, Buffer.from('some text, some text, some more text '.repeat(50)));
      const changed = fc
        .tuple(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length))
        .map(([at, byte, cut]) => {
          const bytes = Buffer.from(good.subarray(0, cut));
          if (at < bytes.length) bytes[at] = byte;
          return bytes;
        });
      fc.assert(
        fc.property(
          fc.oneof(
            changed,
            fc.uint8Array().map((array) => Buffer.from(array)),
          ),
          (bytes) => {
            try {
              expect(decompress(codec, bytes, { maxBytes: 10_000 }).length).toBeLessThanOrEqual(10_000);
            } catch (error) {
              if (!(error instanceof RecordBatchError)) throw error;
            }
          },
        ),
        { numRuns: 1000 },
      );
    },
  );
});
