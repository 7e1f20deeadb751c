import {
  checkCompatibility,
  AvroSchemaError,
  COMPATIBILITY_MODES,
  type CompatibilityMode,
} from '@millrace/avro';
import { notFound, RestError, unprocessable } from '../errors.ts';
import type { Registry } from '../registry.ts';
import { candidateOf, type Candidate, type SchemaRequest } from '../schemas/candidate.ts';
import type { SchemaVersion } from '../state/registry-state.ts';

export interface CompatibilityQuestion {
  readonly subject: string;
  /** One version, or all that the subject's level asks for. */
  readonly version: number | 'latest' | 'all';
  readonly request: SchemaRequest;
  readonly normalize: boolean;
  /** Tell a malformed schema as a message too, not as an error. */
  readonly verbose: boolean;
}

/** Why the schema could not be registered; empty: it could. @throws RestError 40401, 40402, 42201 */
export function compatibilityOf(registry: Registry, question: CompatibilityQuestion): string[] {
  const { subject, request } = question;
  const { state, parsed } = registry;
  const { compatibilityLevel, normalize } = state.configInScope(subject);
  const previous = versionsToCheck(registry, question);
  try {
    const candidate = candidateOf(request, { state, parsed, normalize: normalize || question.normalize });
    return checkAgainst(registry, candidate, previous, compatibilityLevel);
  } catch (error) {
    if (question.verbose && error instanceof RestError && error.errorCode === 42201) return [error.message];
    throw error;
  }
}

/** Messages in the form that Confluent's registry gives them; each description names the fix. */
export function checkAgainst(
  registry: Registry,
  candidate: Candidate,
  previous: readonly SchemaVersion[],
  level: string,
): string[] {
  const mode = modeOf(level);
  // Not parsed where not needed: under NONE a version that is no Avro is no hindrance.
  if (mode === 'NONE' || previous.length === 0) return [];
  const relevant = mode.endsWith('_TRANSITIVE') ? previous : previous.slice(-1);
  const result = check(registry, candidate, relevant, mode);
  const messages = result.incompatibilities.map(
    ({ rule, message, path, previous: index }) =>
      `{errorType:'${rule}', description:'${message}', additionalInfo:'${path}', oldSchemaVersion: ${relevant[index]?.version}}`,
  );
  if (messages.length > 0) messages.push(`{compatibility: '${mode}'}`);
  return messages;
}

function check(
  registry: Registry,
  candidate: Candidate,
  previous: readonly SchemaVersion[],
  mode: CompatibilityMode,
) {
  try {
    return checkCompatibility({
      candidate: candidate.schema,
      previous: previous.map(({ schema }) => registry.parsed.of(schema).schema),
      mode,
    });
  } catch (error) {
    if (error instanceof AvroSchemaError) throw unprocessable.schema(error.message);
    throw error;
  }
}

function versionsToCheck({ state }: Registry, { subject, version }: CompatibilityQuestion): SchemaVersion[] {
  const all = state.versions(subject);
  if (version === 'all') return all;
  if (version === 'latest') return all.slice(-1);
  if (all.length === 0) throw notFound.subject(subject);
  const found = all.filter((one) => one.version === version);
  if (found.length === 0) throw notFound.version(version);
  return found;
}

/** @throws RestError 42203 for what is no level */
export function modeOf(level: unknown): CompatibilityMode {
  const mode = COMPATIBILITY_MODES.find(
    (known) => typeof level === 'string' && known === level.toUpperCase(),
  );
  if (mode === undefined) throw unprocessable.compatibility(level);
  return mode;
}
