export type ReplayErrorCode = 'REPLAY_MAPPING' | 'REPLAY_FILE';

/** A file that cannot be replayed at all; single rows that are off are refused one by one instead. */
export class ReplayError extends Error {
  readonly code: ReplayErrorCode;
  /** The same file and mapping give the same error. */
  readonly retriable = false;

  constructor(code: ReplayErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ReplayError';
    this.code = code;
  }
}
