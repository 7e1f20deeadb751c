import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FrameSplitter, MAX_REQUEST_BYTES } from './frame-splitter.ts';

function framed(body: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

describe('FrameSplitter', () => {
  it('gives back the same frames however the bytes are cut', () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 });
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 });
    fc.assert(
      fc.property(bodies, sizes, (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(framed));
        const splitter = new FrameSplitter();
        const received: Buffer[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const end = at + cuts[turn % cuts.length]!;
          received.push(...splitter.push(bytes.subarray(at, end)));
          at = end;
        }
        expect(received.map((frame) => [...frame])).toEqual(sent.map((body) => [...body]));
        expect(splitter.heldBytes).toBe(0);
      }),
    );
  });

  it('does not copy a frame that arrived in one piece', () => {
    const bytes = framed(Buffer.from('whole'));
    expect(new FrameSplitter().push(bytes)[0]!.buffer).toBe(bytes.buffer);
  });

  it('refuses lengths that are negative or too great before their bytes arrive', () => {
    for (const length of [-1, MAX_REQUEST_BYTES + 1]) {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(length);
      expect(() => new FrameSplitter().push(bytes)).toThrow(String(length));
    }
  });
});
