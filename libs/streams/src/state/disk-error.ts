import { StreamsError } from '../errors.ts';
import { messageOf } from '../kafka/broker-error.ts';

/** What can fail with state on disk, and what helps. */
const failures = {
  open: ['cannot be kept on disk', 'let this user write there, or give another stateDir'],
  write: ['could not be put on disk', 'make room there, or raise maxStateBytes'],
  read: ['cannot be read from disk again', 'have the disk looked at, or give another stateDir'],
} as const;

/** STREAMS_STATE, naming the folder; a failure that has been told of already stays as it is. */
export function diskError(what: keyof typeof failures, dir: string, cause: unknown): StreamsError {
  if (cause instanceof StreamsError) return cause;
  const [happened, remedy] = failures[what];
  return new StreamsError(
    'STREAMS_STATE',
    `state ${happened} in "${dir}" (${messageOf(cause)}): ${remedy}, and start again; nothing is lost, the changelog has all of it`,
    { cause },
  );
}
