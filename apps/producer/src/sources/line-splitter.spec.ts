import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LineSplitter, MAX_PIECE_BYTES } from './line-splitter.ts';

const split = (chunks: readonly string[]) => {
  const lines = new LineSplitter();
  return {
    lines: chunks.flatMap((chunk) => lines.push(Buffer.from(chunk)).map(String)),
    pendingBytes: lines.pendingBytes,
  };
};

describe('LineSplitter', () => {
  it('keeps a line that has not ended until its end comes', () => {
    expect(split(['a\nb', 'c\n', 'd'])).toEqual({ lines: ['a', 'bc'], pendingBytes: 1 });
  });

  it('takes line ends of both kinds, and an empty line as a line', () => {
    expect(split(['a\r\n\nb\n']).lines).toEqual(['a', '', 'b']);
  });

  it('gives the same lines for any way to cut the bytes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('x', 'yy', '\n', 'é')),
        fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
        (parts, cuts) => {
          const text = Buffer.from(`${parts.join('')}\n`);
          const lines = new LineSplitter();
          const found: string[] = [];
          for (let start = 0; start < text.length;) {
            const end = Math.min(text.length, start + (cuts.next().value ?? 1));
            found.push(...lines.push(text.subarray(start, end)).map(String));
            start = end;
          }
          expect(found).toEqual(text.toString().split('\n').slice(0, -1));
        },
      ),
    );
  });

  it('hands on a line without an end in pieces', () => {
    const { lines, pendingBytes } = split(['x'.repeat(2 * MAX_PIECE_BYTES + 1)]);
    expect(lines.map((line) => line.length)).toEqual([MAX_PIECE_BYTES, MAX_PIECE_BYTES]);
    expect(pendingBytes).toBe(1);
  });
});
