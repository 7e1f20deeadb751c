/** A line longer than this is handed on in pieces, so that a file without line ends cannot fill the memory. */
export const MAX_PIECE_BYTES = 128 * 1024;

/** Cuts a stream of bytes into lines; what has no line end yet is kept until it comes. */
export class LineSplitter {
  #pending: Buffer = Buffer.alloc(0);

  /** Bytes taken that belong to no line yet. */
  get pendingBytes(): number {
    return this.#pending.length;
  }

  /** The lines that `chunk` completes, without their line ends (`\n` or `\r\n`); copies, so that `chunk` can be used again. */
  push(chunk: Buffer): Buffer[] {
    const bytes = Buffer.concat([this.#pending, chunk]);
    const lines: Buffer[] = [];
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(10, start);
      if (end < 0) break;
      lines.push(bytes.subarray(start, end > start && bytes[end - 1] === 13 ? end - 1 : end));
      start = end + 1;
    }
    while (bytes.length - start > MAX_PIECE_BYTES) {
      lines.push(bytes.subarray(start, start + MAX_PIECE_BYTES));
      start += MAX_PIECE_BYTES;
    }
    this.#pending = bytes.subarray(start);
    return lines;
  }

  /** The line without a line end that is left when no more will come, if there is one. */
  end(): Buffer | undefined {
    const rest = this.#pending;
    this.#pending = Buffer.alloc(0);
    return rest.length > 0 ? rest : undefined;
  }
}
