import type { CompatibilityMode } from '@millrace/avro';

export interface RegisteredSchema {
  readonly subject: string;
  readonly id: number;
  readonly version: number;
  readonly schema: string;
}

export interface SchemaById {
  readonly schema: string;
  /** `AVRO` where the registry does not say. */
  readonly schemaType: string;
  readonly references: readonly SchemaReference[];
}

export interface SchemaReference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** A Confluent-compatible schema registry. Every call throws `RegistryError` unless its comment says otherwise. */
export interface Registry {
  readonly url: string;
  /** Throws within `timeoutMs` per attempt when nobody answers: call it first, for a clear failure at start. */
  ready(): Promise<void>;
  subjects(): Promise<readonly string[]>;
  /** Empty for a subject that does not exist. */
  versions(subject: string): Promise<readonly number[]>;
  version(subject: string, version: number): Promise<RegisteredSchema | undefined>;
  latest(subject: string): Promise<RegisteredSchema | undefined>;
  /** Undefined for an id that the registry does not know. */
  byId(id: number): Promise<SchemaById | undefined>;
  /** The schema's id; the same for the same schema again. Status 409 where it is incompatible. */
  register(subject: string, schema: string): Promise<number>;
  /** The registration of exactly this schema under the subject. */
  lookup(subject: string, schema: string): Promise<RegisteredSchema | undefined>;
  /** The subject's mode, or the registry's where the subject has none. */
  compatibility(subject: string): Promise<CompatibilityMode>;
  setCompatibility(subject: string, mode: CompatibilityMode): Promise<void>;
  /** The registry's own verdict over the versions that the subject's mode asks for; messages in its words. */
  checkCompatibility(
    subject: string,
    schema: string,
  ): Promise<{ compatible: boolean; messages: readonly string[] }>;
}
