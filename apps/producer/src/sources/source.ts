/** One thing that a source has seen: a line of text as bytes, and when it was seen. */
export interface SourceLine {
  readonly bytes: Buffer;
  readonly simulated: boolean;
}

/** Lines that belong together, and where the source stands after them. */
export interface SourceBatch {
  readonly lines: readonly SourceLine[];
  /** Plain JSON. Handed back to `open` to go on exactly behind these lines. */
  readonly position: SourcePosition;
}

export type SourcePosition = Readonly<Record<string, string | number>>;

/** Something that can be read from a position on. */
export interface Source {
  /** Names the source among all; its position is kept under this name. */
  readonly name: string;
  /** What it reads, in words, for the log. */
  readonly description: string;
  /** Batches from `position` on (from the start if there is none) until `signal` ends it. */
  open(position: SourcePosition | undefined, signal: AbortSignal): AsyncIterable<SourceBatch>;
}
