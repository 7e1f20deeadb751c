/** Base of what this library throws. */
export class PipelinesError extends Error {
  override readonly name = 'PipelinesError';
  readonly retriable = false;
  readonly code: 'PIPELINES_UNKNOWN';

  constructor(code: 'PIPELINES_UNKNOWN', message: string) {
    super(message);
    this.code = code;
  }
}
