import { notFound, unprocessable } from '../errors.ts';
import type { Registry } from '../registry.ts';
import type { RegistryRecord, SchemaValue } from '../state/records.ts';
import { checkWritable } from './check-writable.ts';
import type { RegistryState, SchemaVersion } from '../state/registry-state.ts';

/** Resolves to the versions deleted. @throws RestError 40401, 40404, 40405, 42205, 42206 */
export function deleteSubject(registry: Registry, subject: string, permanent: boolean): Promise<number[]> {
  return registry.write<number[]>((state) => {
    const all = state.versions(subject, { deleted: true });
    if (all.length === 0) throw notFound.subject(subject);
    const doomed = permanent ? all : state.versions(subject);
    if (doomed.length === 0) throw notFound.subjectSoftDeleted(subject);
    checkWritable(state, subject);
    for (const { version } of doomed) {
      const others = state.referrers(subject, version, permanent).filter((one) => one.subject !== subject);
      if (others.length > 0) throw unprocessable.referenceExists(subject, version);
    }
    if (permanent && all.some(({ deleted }) => !deleted)) throw notFound.subjectNotSoftDeleted(subject);
    const versions = doomed.map(({ version }) => version);
    const records: RegistryRecord[] = permanent
      ? [...forgotten(state, doomed), ...settingsOf(state, subject)]
      : [{ keytype: 'DELETE_SUBJECT', subject, value: { subject, version: versions.at(-1) ?? 0 } }];
    return { records, answer: versions };
  });
}

export interface VersionToDelete {
  readonly subject: string;
  readonly version: number | 'latest';
  readonly permanent: boolean;
}

/** Resolves to the version deleted. @throws RestError 40401, 40402, 40406, 40407, 42205, 42206 */
export function deleteVersion(registry: Registry, wanted: VersionToDelete): Promise<number> {
  const { subject, permanent } = wanted;
  return registry.write<number>((state) => {
    const all = state.versions(subject, { deleted: true });
    if (all.length === 0) throw notFound.subject(subject);
    const found =
      wanted.version === 'latest'
        ? (state.versions(subject).at(-1) ?? all.at(-1))
        : state.version(subject, wanted.version);
    if (found === undefined) throw notFound.version(wanted.version);
    const { version } = found;
    if (found.deleted && !permanent) throw notFound.versionSoftDeleted(subject, version);
    checkWritable(state, subject);
    if (state.referrers(subject, version, permanent).length > 0) {
      throw unprocessable.referenceExists(subject, version);
    }
    if (!found.deleted && permanent) throw notFound.versionNotSoftDeleted(subject, version);
    const records: RegistryRecord[] = permanent
      ? [...forgotten(state, [found]), ...(all.length === 1 ? settingsOf(state, subject) : [])]
      : [{ keytype: 'SCHEMA', subject, version, value: { ...valueOf(found), deleted: true } }];
    return { records, answer: version };
  });
}

/** Newest first, as versions may refer to older ones; before them the greatest id, which must not be given again. */
function forgotten(state: RegistryState, doomed: readonly SchemaVersion[]): RegistryRecord[] {
  const tombstones = doomed.map(({ subject, version }): RegistryRecord => ({
    keytype: 'SCHEMA',
    subject,
    version,
    value: null,
  }));
  return [{ keytype: 'NOOP', value: { maxId: state.maxId } }, ...tombstones.reverse()];
}

function settingsOf(state: RegistryState, subject: string): RegistryRecord[] {
  const records: RegistryRecord[] = [];
  if (state.mode(subject) !== undefined) records.push({ keytype: 'MODE', subject, value: null });
  if (state.config(subject) !== undefined) records.push({ keytype: 'CONFIG', subject, value: null });
  return records;
}

function valueOf({ subject, version, schema, deleted }: SchemaVersion): SchemaValue {
  const { id, schemaType, references, text } = schema;
  return {
    subject,
    version,
    id,
    ...(schemaType !== 'AVRO' && { schemaType }),
    ...(references.length > 0 && { references }),
    schema: text,
    deleted,
  };
}
