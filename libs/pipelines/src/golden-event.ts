/** One event of a pipeline's golden input, in the order in which events arrive. */
export interface GoldenEvent {
  /** The source's name in the definition. */
  readonly source: string;
  /** The record's key: the fields of the source's `partitionedBy`, as the pipeline's producer writes them. */
  readonly key: string | null;
  readonly value: Record<string, unknown>;
}
