/** A service could not be fetched, started or reached; the message names it, the value and the remedy. */
export class ServiceError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ServiceError';
    this.code = code;
  }
}
