/** The base of every error that this package throws; `code` says which, `retriable` whether trying again can help. */
export class EmbeddedError extends Error {
  readonly code: string;
  readonly retriable: boolean;

  constructor(code: string, message: string, options: { cause?: unknown; retriable?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retriable = options.retriable ?? false;
  }
}

/** A client sent bytes that are not a request of the Kafka protocol; its connection is closed. */
export class ProtocolError extends EmbeddedError {
  constructor(message: string, cause?: unknown) {
    super('EMBEDDED_PROTOCOL', message, { cause });
  }
}

/** Bytes could not be stored, for want of space for example. */
export class StorageError extends EmbeddedError {
  constructor(message: string, cause?: unknown) {
    super('EMBEDDED_STORAGE', message, { cause, retriable: true });
  }
}

/** The broker could not listen on its port. */
export class ListenError extends EmbeddedError {
  /** Whether something else listens there already. */
  readonly isTaken: boolean;

  constructor(place: { host: string; port: number }, cause: Error & { code?: string }) {
    const taken = cause.code === 'EADDRINUSE';
    const reason = taken ? 'something else listens there; choose another port' : cause.message;
    super('EMBEDDED_LISTEN', `Port ${place.port} of ${place.host} cannot be listened on: ${reason}.`, {
      cause,
    });
    this.isTaken = taken;
  }
}

/** Another broker uses the data folder. */
export class DataLockedError extends EmbeddedError {
  constructor(folder: string, pid: number) {
    const remedy =
      'stop it, choose another dataDir, or remove the file broker.lock if that process is no broker';
    super('EMBEDDED_DATA_LOCKED', `The folder ${folder} is used by the broker of process ${pid}: ${remedy}.`);
  }
}
