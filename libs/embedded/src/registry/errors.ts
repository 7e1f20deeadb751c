import { EmbeddedError } from '../errors.ts';

export type RegistryErrorCode =
  | 'REGISTRY_NO_BROKER'
  | 'REGISTRY_TOPIC'
  | 'REGISTRY_LOGIN'
  | 'REGISTRY_PORT'
  | 'REGISTRY_STORE'
  | 'REGISTRY_STORE_TIMEOUT';

/** What trying again cannot help against. */
const FINAL: readonly RegistryErrorCode[] = ['REGISTRY_TOPIC', 'REGISTRY_LOGIN', 'REGISTRY_PORT'];

/** The registry could not start, or could not reach its topic. */
export class RegistryError extends EmbeddedError {
  declare readonly code: RegistryErrorCode;

  constructor(code: RegistryErrorCode, message: string, cause?: unknown) {
    super(code, message, { cause, retriable: !FINAL.includes(code) });
  }
}

/** An answer to a client that is not 2xx: HTTP status and the `error_code` that clients of the REST API know. */
export class RestError extends Error {
  override readonly name = 'RestError';
  readonly status: number;
  readonly errorCode: number;

  constructor(errorCode: number, message: string) {
    super(message);
    this.errorCode = errorCode;
    // Codes have the status in front: 40401 is a 404.
    this.status = errorCode < 1_000 ? errorCode : Math.floor(errorCode / 100);
  }
}

/** @see https://docs.confluent.io/platform/current/schema-registry/develop/api.html#errors */
export const notFound = {
  subject: (subject: string) => new RestError(40401, `Subject '${subject}' not found.`),
  version: (version: number | string) => new RestError(40402, `Version ${version} not found.`),
  schema: () => new RestError(40403, 'Schema not found'),
  schemaId: (id: number) => new RestError(40403, `Schema ${id} not found`),
  subjectSoftDeleted: (subject: string) =>
    new RestError(40404, `Subject '${subject}' was soft deleted. Set permanent=true to delete permanently`),
  subjectNotSoftDeleted: (subject: string) =>
    new RestError(40405, `Subject '${subject}' was not deleted first before being permanently deleted`),
  versionSoftDeleted: (subject: string, version: number) =>
    new RestError(
      40406,
      `Subject '${subject}' Version ${version} was soft deleted. Set permanent=true to delete permanently`,
    ),
  versionNotSoftDeleted: (subject: string, version: number) =>
    new RestError(
      40407,
      `Subject '${subject}' Version ${version} was not deleted first before being permanently deleted`,
    ),
  config: (subject: string) =>
    new RestError(40408, `Subject '${subject}' does not have subject-level compatibility configured`),
  mode: (subject: string) =>
    new RestError(40409, `Subject '${subject}' does not have subject-level mode configured`),
};

export const unprocessable = {
  schema: (detail: string) => new RestError(42201, `Invalid schema: ${detail}`),
  version: (version: string) =>
    new RestError(
      42202,
      `The specified version '${version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
    ),
  compatibility: (level: unknown) =>
    new RestError(
      42203,
      `Invalid compatibility level ${JSON.stringify(level)}. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive`,
    ),
  mode: (mode: unknown) =>
    new RestError(
      42204,
      `Invalid mode ${JSON.stringify(mode)}. Valid values are READWRITE, READONLY, READONLY_OVERRIDE, and IMPORT`,
    ),
  notPermitted: (message: string) => new RestError(42205, message),
  referenceExists: (subject: string, version: number) =>
    new RestError(
      42206,
      `One or more references exist to the schema {subject=${subject}, version=${version}}`,
    ),
  subject: (subject: string) =>
    new RestError(42208, `The specified subject '${subject.slice(0, 100)}' is not a valid subject.`),
  tooLarge: (detail: string) =>
    new RestError(42209, `Register operation failed because schema is too large: ${detail}`),
};

export function incompatible(subject: string, messages: readonly string[]): RestError {
  return new RestError(
    409,
    `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [${messages.join(', ')}]`,
  );
}
