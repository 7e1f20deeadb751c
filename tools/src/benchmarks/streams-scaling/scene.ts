import type { Admin } from 'kafkajs';

/** The cluster and the registry that everything runs on, and the prefix of all names. */
export interface Scene {
  readonly name: string;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly admin: Admin;
}
