import type { RegistryApi } from './registry-api.ts';

/** One documented behaviour of the REST API. */
export interface ConformanceCase {
  readonly name: string;
  /** Why it needs a registry that nobody else uses meanwhile. */
  readonly exclusive?: string;
  run(api: RegistryApi): Promise<void>;
}
