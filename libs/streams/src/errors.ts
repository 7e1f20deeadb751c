/** What can go wrong here; `code` is stable and meant to be tested for, `message` names the thing, the value and the remedy. */
export type StreamsErrorCode =
  | 'STREAMS_DEFINITION'
  | 'STREAMS_EXPRESSION'
  | 'STREAMS_MISSING_TOPIC'
  | 'STREAMS_PARTITION_COUNT'
  | 'STREAMS_CHANGED_DEFINITION'
  | 'STREAMS_FENCED'
  | 'STREAMS_BROKER'
  | 'STREAMS_LOGIN'
  | 'STREAMS_PROTOCOL'
  | 'STREAMS_STATE'
  | 'STREAMS_STOPPED'
  | 'STREAMS_SERDE'
  | 'STREAMS_OWN_CODE'
  | 'STREAMS_QUERY'
  | 'STREAMS_REBALANCING'
  | 'STREAMS_PEER'
  | 'STREAMS_RUNNING'
  | 'STREAMS_WORKER'
  | 'STREAMS_WORKERS'
  | 'STREAMS_USAGE';

export class StreamsError extends Error {
  readonly code: StreamsErrorCode;
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retriable: boolean;

  constructor(
    code: StreamsErrorCode,
    message: string,
    options: { cause?: unknown; retriable?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'StreamsError';
    this.code = code;
    this.retriable = options.retriable ?? false;
  }
}

/** A definition that cannot run: every problem found, each with the path of the thing and what to do. */
export class DefinitionError extends StreamsError {
  readonly problems: readonly string[];

  constructor(pipeline: string, problems: readonly string[]) {
    super('STREAMS_DEFINITION', `pipeline "${pipeline}" cannot run:\n- ${problems.join('\n- ')}`);
    this.name = 'DefinitionError';
    this.problems = problems;
  }
}
