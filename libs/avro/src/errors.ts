/** Why a schema was refused. */
export type AvroSchemaErrorCode =
  | 'AVRO_SCHEMA_NOT_JSON'
  | 'AVRO_SCHEMA_TOO_LARGE'
  | 'AVRO_SCHEMA_TOO_DEEP'
  | 'AVRO_SCHEMA_TOO_COMPLEX'
  | 'AVRO_SCHEMA_INVALID'
  | 'AVRO_SCHEMA_NAME'
  | 'AVRO_SCHEMA_REDEFINED'
  | 'AVRO_SCHEMA_UNKNOWN_TYPE'
  | 'AVRO_SCHEMA_UNION'
  | 'AVRO_SCHEMA_DEFAULT';

/** Base of everything this library throws; `code` is stable, `message` is for people. */
export abstract class AvroError extends Error {
  abstract readonly code: string;
  /** Trying again with the same input never helps. */
  readonly retriable = false;
}

/** A schema that is malformed or beyond the limits; `path` is where, as a JSON pointer (`/fields/2/type`). */
export class AvroSchemaError extends AvroError {
  override readonly name = 'AvroSchemaError';
  readonly code: AvroSchemaErrorCode;
  readonly path: string;

  constructor(code: AvroSchemaErrorCode, path: string, message: string, options?: ErrorOptions) {
    super(path === '' ? message : `${message} (at ${path})`, options);
    this.code = code;
    this.path = path;
  }
}
