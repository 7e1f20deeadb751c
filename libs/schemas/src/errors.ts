import type { ValueFaultReport } from '@millrace/avro';

export type SchemasErrorCode =
  | 'SCHEMAS_REGISTRY_UNREACHABLE'
  | 'SCHEMAS_REGISTRY_REFUSED'
  | 'SCHEMAS_REGISTRY_ANSWER'
  | 'SCHEMAS_NOT_REGISTERED'
  | 'SCHEMAS_INCOMPATIBLE'
  | 'SCHEMAS_CONTRACT'
  | 'SCHEMAS_NO_SCHEMA'
  | 'SCHEMAS_NO_RECORD'
  | 'SCHEMAS_USAGE'
  | 'SCHEMAS_NOT_AVRO'
  | 'SCHEMAS_UNKNOWN_ID'
  | 'SCHEMAS_UNREADABLE_SCHEMA'
  | 'SCHEMAS_PRODUCER_FULL'
  | 'SCHEMAS_PRODUCER_CLOSED'
  | 'SCHEMAS_PRODUCER_FAILED';

/** Base of everything this library throws. */
export class SchemasError extends Error {
  override readonly name: string = 'SchemasError';
  readonly code: SchemasErrorCode;
  /** Whether the same call may succeed later. */
  readonly retriable: boolean;

  constructor(code: SchemasErrorCode, message: string, options: ErrorOptions & { retriable?: boolean } = {}) {
    super(message, options);
    this.code = code;
    this.retriable = options.retriable ?? false;
  }
}

/** The registry could not be reached, or answered with an error; `status` is its HTTP status, if there was one. */
export class RegistryError extends SchemasError {
  override readonly name = 'RegistryError';
  readonly status: number | undefined;
  /** The registry's own code, such as 40403. */
  readonly errorCode: number | undefined;

  constructor(
    code: SchemasErrorCode,
    message: string,
    options: ErrorOptions & { retriable?: boolean; status?: number; errorCode?: number } = {},
  ) {
    super(code, message, options);
    this.status = options.status;
    this.errorCode = options.errorCode;
  }
}

export interface ContractFault extends ValueFaultReport {
  /** Whether the fault is in the record's key or its value. */
  readonly part: 'key' | 'value';
}

/** A record that its topic's schema does not allow. It was not sent, and nothing was sent with it. */
export class ContractError extends SchemasError {
  override readonly name = 'ContractError';
  readonly topic: string;
  /** The record's place among those that were to be sent together. */
  readonly index: number;
  /** Field, rule and fix, at least one. */
  readonly faults: readonly ContractFault[];

  constructor({
    topic,
    index = 0,
    faults,
  }: {
    topic: string;
    index?: number;
    faults: readonly ContractFault[];
  }) {
    const [first] = faults;
    const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
    super(
      'SCHEMAS_CONTRACT',
      `record ${index} for topic "${topic}" breaks its contract: ${first?.part} ${first?.path}, rule "${first?.rule}": ${first?.fix}${more}`,
    );
    this.topic = topic;
    this.index = index;
    this.faults = faults;
  }
}
