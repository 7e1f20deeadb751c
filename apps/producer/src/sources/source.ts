/** Items that belong together, and where the source stands after them. */
export interface SourceBatch<Item> {
  readonly items: readonly Item[];
  /** Plain JSON. Handed back to `open` to go on exactly behind these items. */
  readonly position: SourcePosition;
}

/** What a source has kept: its own keys and values, the one changed longest ago first. */
export type SourceState = ReadonlyMap<string, string>;

export type SourcePosition = Readonly<Record<string, string | number>>;

/** Something that can be read from a position on. */
export interface Source<Item> {
  /** Names the source among all; its position is kept under this name. */
  readonly name: string;
  /** What it reads, in words, for the log. */
  readonly description: string;
  /** Whether it needs what it said to keep ({@link StateChange} of its feed) when it is opened again. */
  readonly keepsState?: boolean;
  /** Batches from `position` on (from the start if there is none) until `signal` ends it. */
  open(
    position: SourcePosition | undefined,
    signal: AbortSignal,
    state?: SourceState,
  ): AsyncIterable<SourceBatch<Item>>;
}

/** The same source with what `toItems` makes of each of its items. */
export function mapSource<From, To>(
  source: Source<From>,
  toItems: (item: From) => readonly To[],
): Source<To> {
  return {
    ...source,
    async *open(...where) {
      for await (const batch of source.open(...where)) {
        yield { items: batch.items.flatMap(toItems), position: batch.position };
      }
    },
  };
}
