/** Items that belong together, and where the source stands after them. */
export interface SourceBatch<Item> {
  readonly items: readonly Item[];
  /** Plain JSON. Handed back to `open` to go on exactly behind these items. */
  readonly position: SourcePosition;
}

export type SourcePosition = Readonly<Record<string, string | number>>;

/** Something that can be read from a position on. */
export interface Source<Item> {
  /** Names the source among all; its position is kept under this name. */
  readonly name: string;
  /** What it reads, in words, for the log. */
  readonly description: string;
  /** Batches from `position` on (from the start if there is none) until `signal` ends it. */
  open(position: SourcePosition | undefined, signal: AbortSignal): AsyncIterable<SourceBatch<Item>>;
}

/** The same source with what `toItems` makes of each of its items. */
export function mapSource<From, To>(
  source: Source<From>,
  toItems: (item: From) => readonly To[],
): Source<To> {
  return {
    ...source,
    async *open(position, signal) {
      for await (const batch of source.open(position, signal)) {
        yield { items: batch.items.flatMap(toItems), position: batch.position };
      }
    },
  };
}
