import type { ConfigValue, RegistryRecord, SchemaReference, SchemaValue } from './records.ts';

export const DEFAULT_COMPATIBILITY = 'BACKWARD';
export const DEFAULT_MODE = 'READWRITE';

/** A schema under its id, and the versions of subjects that have it. */
export interface StoredSchema {
  readonly id: number;
  readonly schemaType: string;
  readonly references: readonly SchemaReference[];
  readonly text: string;
  readonly uses: Set<SchemaVersion>;
}

export interface SchemaVersion {
  readonly subject: string;
  readonly version: number;
  readonly schema: StoredSchema;
  deleted: boolean;
}

export interface Deleted {
  /** Soft-deleted ones too. */
  readonly deleted?: boolean;
  /** Only soft-deleted ones. */
  readonly deletedOnly?: boolean;
}

/** Everything the registry knows, in memory; changed by the records of the topic only. */
export class RegistryState {
  readonly #subjects = new Map<string, Map<number, SchemaVersion>>();
  readonly #schemas = new Map<number, StoredSchema>();
  readonly #configs = new Map<string | null, ConfigValue>();
  readonly #modes = new Map<string | null, string>();
  /** Keys are `referenceKey`s: what refers to that version of that subject. */
  readonly #referrers = new Map<string, Set<SchemaVersion>>();
  #maxId = 0;

  clear(): void {
    for (const part of [this.#subjects, this.#schemas, this.#configs, this.#modes, this.#referrers])
      part.clear();
    this.#maxId = 0;
  }

  apply(record: RegistryRecord): void {
    switch (record.keytype) {
      case 'SCHEMA':
        this.#forget(record.subject, record.version);
        if (record.value !== null) this.#remember(record.value);
        break;
      case 'CONFIG':
        if (record.value === null) this.#configs.delete(record.subject);
        else this.#configs.set(record.subject, record.value);
        break;
      case 'MODE':
        if (record.value === null) this.#modes.delete(record.subject);
        else this.#modes.set(record.subject, record.value.mode);
        break;
      case 'DELETE_SUBJECT':
        for (const one of this.#subjects.get(record.subject)?.values() ?? []) {
          if (record.value !== null && one.version <= record.value.version) one.deleted = true;
        }
        break;
      case 'NOOP':
        this.#maxId = Math.max(this.#maxId, record.value?.maxId ?? 0);
    }
  }

  get maxId(): number {
    return this.#maxId;
  }

  /** Sorted. */
  subjects(which: Deleted = {}): string[] {
    return [...this.#subjects.keys()].filter((subject) => this.versions(subject, which).length > 0).sort();
  }

  /** Oldest first; empty for a subject that is not there. */
  versions(subject: string, { deleted = false, deletedOnly = false }: Deleted = {}): SchemaVersion[] {
    return [...(this.#subjects.get(subject)?.values() ?? [])]
      .filter((one) => (deletedOnly ? one.deleted : deleted || !one.deleted))
      .sort((left, right) => left.version - right.version);
  }

  version(subject: string, version: number): SchemaVersion | undefined {
    return this.#subjects.get(subject)?.get(version);
  }

  schema(id: number): StoredSchema | undefined {
    return this.#schemas.get(id);
  }

  schemas(): Iterable<StoredSchema> {
    return this.#schemas.values();
  }

  /** Versions whose schemas refer to this one, soft-deleted ones too if asked for. */
  referrers(subject: string, version: number, deleted: boolean): SchemaVersion[] {
    const all = this.#referrers.get(referenceKey({ subject, version })) ?? [];
    return [...all].filter((one) => deleted || !one.deleted);
  }

  config(subject: string | null): ConfigValue | undefined {
    return this.#configs.get(subject);
  }

  /** Of the subject, else of all, else the default. */
  configInScope(subject: string | null): { compatibilityLevel: string; normalize: boolean } {
    const level = this.config(subject)?.compatibilityLevel ?? this.config(null)?.compatibilityLevel;
    const normalize = this.config(subject)?.normalize ?? this.config(null)?.normalize;
    return { compatibilityLevel: level ?? DEFAULT_COMPATIBILITY, normalize: normalize ?? false };
  }

  mode(subject: string | null): string | undefined {
    return this.#modes.get(subject);
  }

  modeInScope(subject: string | null): string {
    const ofAll = this.mode(null) ?? DEFAULT_MODE;
    return ofAll === 'READONLY_OVERRIDE' ? ofAll : (this.mode(subject) ?? ofAll);
  }

  #remember(value: SchemaValue): void {
    let schema = this.#schemas.get(value.id);
    if (schema === undefined) {
      const { id, schemaType = 'AVRO', references = [], schema: text } = value;
      schema = { id, schemaType, references, text, uses: new Set() };
      this.#schemas.set(id, schema);
      this.#maxId = Math.max(this.#maxId, id);
    }
    const one: SchemaVersion = {
      subject: value.subject,
      version: value.version,
      schema,
      deleted: value.deleted,
    };
    let versions = this.#subjects.get(value.subject);
    if (versions === undefined) this.#subjects.set(value.subject, (versions = new Map()));
    versions.set(value.version, one);
    schema.uses.add(one);
    for (const reference of schema.references) {
      const key = referenceKey(reference);
      let referrers = this.#referrers.get(key);
      if (referrers === undefined) this.#referrers.set(key, (referrers = new Set()));
      referrers.add(one);
    }
  }

  #forget(subject: string, version: number): void {
    const versions = this.#subjects.get(subject);
    const one = versions?.get(version);
    if (versions === undefined || one === undefined) return;
    versions.delete(version);
    if (versions.size === 0) this.#subjects.delete(subject);
    one.schema.uses.delete(one);
    if (one.schema.uses.size === 0) this.#schemas.delete(one.schema.id);
    for (const reference of one.schema.references) {
      const key = referenceKey(reference);
      const referrers = this.#referrers.get(key);
      referrers?.delete(one);
      if (referrers?.size === 0) this.#referrers.delete(key);
    }
  }
}

function referenceKey({ subject, version }: Pick<SchemaReference, 'subject' | 'version'>): string {
  return `${version}:${subject}`;
}
