import { StreamsError } from '../errors.ts';

interface ClientError {
  readonly apiId?: string;
  readonly errors?: readonly ClientError[];
  readonly message?: string;
}

/** The protocol's name of what a broker answered (`NOT_COORDINATOR`, …), the first one if there were several; undefined for other errors. */
export function brokerErrorOf(error: unknown): string | undefined {
  const { apiId, errors } = (error ?? {}) as ClientError;
  if (apiId !== undefined) return apiId;
  for (const inner of errors ?? []) {
    const found = brokerErrorOf(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The producer was replaced by a newer one of the same transactional id, or the member by a newer one of the same instance id. */
export function isFenced(error: unknown): boolean {
  const id = brokerErrorOf(error);
  return id === 'PRODUCER_FENCED' || id === 'INVALID_PRODUCER_EPOCH' || id === 'FENCED_INSTANCE_ID';
}

/** The group no longer knows this member, or not in this generation. */
export function isMembershipLost(error: unknown): boolean {
  const id = brokerErrorOf(error);
  return id === 'UNKNOWN_MEMBER_ID' || id === 'ILLEGAL_GENERATION' || id === 'FENCED_INSTANCE_ID';
}

const transient = new Set([
  'COORDINATOR_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
  'CONCURRENT_TRANSACTIONS',
  'NOT_LEADER_OR_FOLLOWER',
  'LEADER_NOT_AVAILABLE',
  'UNKNOWN_LEADER_EPOCH',
  'FENCED_LEADER_EPOCH',
  'REPLICA_NOT_AVAILABLE',
  'REQUEST_TIMED_OUT',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'NETWORK_EXCEPTION',
  'OFFSET_NOT_AVAILABLE',
  'UNSTABLE_OFFSET_COMMIT',
  'KAFKA_STORAGE_ERROR',
  'NOT_CONTROLLER',
  'THROTTLING_QUOTA_EXCEEDED',
  'UNKNOWN_SERVER_ERROR',
  'BROKER_NOT_AVAILABLE',
]);

/** Whether the same request may succeed a little later, perhaps at another broker. */
export function isTransient(error: unknown): boolean {
  const id = brokerErrorOf(error);
  if (id !== undefined) return transient.has(id);
  return error instanceof StreamsError && error.retriable;
}

/** One line that says what a broker or connection complained about. */
export function messageOf(error: unknown): string {
  const { errors, message, apiId } = (error ?? {}) as ClientError;
  if (errors !== undefined && errors.length > 0) return messageOf(errors[0]);
  return apiId === undefined ? (message ?? String(error)) : `${apiId}: ${message}`;
}
