import { incompatible, unprocessable } from '../errors.ts';
import type { Registry } from '../registry.ts';
import { candidateOf, type Candidate, type SchemaRequest } from '../schemas/candidate.ts';
import type { RegistryRecord } from '../state/records.ts';
import type { RegistryState, SchemaVersion } from '../state/registry-state.ts';
import { checkWritable } from './check-writable.ts';
import { checkAgainst } from './check-compatibility.ts';

/** Puts a schema under a subject, unless it is there already. Resolves to its id. */
export function register(
  registry: Registry,
  subject: string,
  request: SchemaRequest,
  normalize: boolean,
): Promise<number> {
  return registry.write<number>((state) => {
    checkMode(state, subject, request);
    const { normalize: always, compatibilityLevel } = state.configInScope(subject);
    const { parsed } = registry;
    const candidate = candidateOf(request, { state, parsed, normalize: normalize || always });
    const current = state.versions(subject);
    const same = current.findLast(({ schema }) => parsed.content(schema) === candidate.content);
    if (same !== undefined && request.version === undefined) return { records: [], answer: same.schema.id };

    const importing = request.id !== undefined;
    if (!importing) {
      const messages = checkAgainst(registry, candidate, current, compatibilityLevel);
      if (messages.length > 0) throw incompatible(subject, messages);
    }
    const id = request.id ?? parsed.find(candidate.content)?.id ?? state.maxId + 1;
    if (importing) checkImportedId(registry, id, candidate);
    const all = state.versions(subject, { deleted: true });
    const next = (all.at(-1)?.version ?? 0) + 1;
    const version = request.version ?? next;
    if (!importing && version !== next) {
      throw unprocessable.schema(`version ${version} is not one more than the previous version, ${next - 1}`);
    }
    if (importing && state.version(subject, version) !== undefined) {
      throw unprocessable.notPermitted(`Version ${version} of subject ${subject} exists already`);
    }
    return {
      records: [...superseded(state, all, id), schemaRecord(subject, version, id, candidate)],
      answer: id,
    };
  });
}

function checkMode(state: RegistryState, subject: string, request: SchemaRequest): void {
  checkWritable(state, subject);
  const mode = state.modeInScope(subject);
  if (request.id !== undefined && mode !== 'IMPORT') {
    throw unprocessable.notPermitted(`Subject ${subject} is not in import mode`);
  }
  if (request.id === undefined && mode !== 'READWRITE') {
    throw unprocessable.notPermitted(`Subject ${subject} is not in read-write mode`);
  }
}

function checkImportedId({ state, parsed }: Registry, id: number, candidate: Candidate): void {
  const taken = state.schema(id);
  if (taken !== undefined && parsed.content(taken) !== candidate.content) {
    throw unprocessable.notPermitted(`Overwrite new schema with id ${id} is not permitted.`);
  }
}

/** Soft-deleted versions with the same schema give way to the new one, unless something refers to them. */
function superseded(state: RegistryState, all: readonly SchemaVersion[], id: number): RegistryRecord[] {
  return all
    .filter((one) => one.deleted && one.schema.id === id)
    .filter(({ subject, version }) => state.referrers(subject, version, true).length === 0)
    .map(({ subject, version }) => ({ keytype: 'SCHEMA', subject, version, value: null }));
}

function schemaRecord(
  subject: string,
  version: number,
  id: number,
  { text, named }: Candidate,
): RegistryRecord {
  const references = named.length > 0 ? { references: named } : {};
  const value = { subject, version, id, ...references, schema: text, deleted: false };
  return { keytype: 'SCHEMA', subject, version, value };
}
