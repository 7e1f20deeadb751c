import { ProtocolError } from '../../errors.ts';

/** Kafka's `socket.request.max.bytes`: a longer request is not waited for. */
export const MAX_REQUEST_BYTES = 100 * 1024 * 1024;

const LENGTH_BYTES = 4;

/** Cuts a stream of bytes into frames: a 32-bit length, then so many bytes. */
export class FrameSplitter {
  #chunks: Buffer[] = [];
  #have = 0;
  #need = LENGTH_BYTES;

  /** Bytes held back until their frame is complete. */
  get heldBytes(): number {
    return this.#have;
  }

  /** Takes in bytes and returns the frames that are now complete. @throws EMBEDDED_PROTOCOL for a length that cannot be */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#have += chunk.length;
    if (this.#have < this.#need) return [];
    let bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#have);
    const frames: Buffer[] = [];
    for (;;) {
      this.#need = LENGTH_BYTES;
      if (bytes.length < LENGTH_BYTES) break;
      const length = bytes.readInt32BE(0);
      if (length < 0 || length > MAX_REQUEST_BYTES) {
        throw new ProtocolError(
          `a request of ${length} bytes is announced; at most ${MAX_REQUEST_BYTES} are taken`,
        );
      }
      this.#need = LENGTH_BYTES + length;
      if (bytes.length < this.#need) break;
      frames.push(bytes.subarray(LENGTH_BYTES, this.#need));
      bytes = bytes.subarray(this.#need);
    }
    this.#chunks = bytes.length > 0 ? [bytes] : [];
    this.#have = bytes.length;
    return frames;
  }
}
