/** What one payload may ask for; every bound is checked while walking the bytes, before anything is allocated for it. */
export interface GuardLimits {
  /** Whole payload, without framing. */
  readonly maxBytes: number;
  /** One string, bytes or map key, in bytes. */
  readonly maxStringBytes: number;
  /** Items of all arrays and maps of one payload together: items of zero bytes cost a sender nothing. */
  readonly maxItems: number;
  /** Entries of one map. */
  readonly maxMapEntries: number;
  /** Levels of recursive types. */
  readonly maxDepth: number;
  /** Bytes of one decimal: turning one into digits takes quadratic time. */
  readonly maxDecimalBytes: number;
}

/** Kafka's own default for a message is 1 MiB; the others keep the slowest payload under 10 ms. */
export const DEFAULT_PAYLOAD_LIMITS: GuardLimits = {
  maxBytes: 1_048_576,
  maxStringBytes: 1_048_576,
  maxItems: 100_000,
  maxMapEntries: 10_000,
  maxDepth: 64,
  maxDecimalBytes: 256,
};
