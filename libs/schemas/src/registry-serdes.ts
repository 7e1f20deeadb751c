import { connectRegistry } from './registry/connect-registry.ts';
import type { RegistryConnection } from './registry/request.ts';
import type { SubjectNaming } from './registry/subject-name.ts';
import { createSerdes as createSerdesOver, type Serdes } from './serdes.ts';

/** Plain data, as it travels to threads. */
export interface RegistrySerdesSettings extends Omit<RegistryConnection, 'fetch'> {
  readonly naming?: SubjectNaming;
  readonly autoRegister?: boolean;
}

/** Serdes over the registry at `url`, as data that @millrace/streams takes to each of its threads. */
export const registrySerdes = (
  settings: RegistrySerdesSettings,
): { readonly module: string; readonly settings: RegistrySerdesSettings } => ({
  module: import.meta.url,
  settings,
});

/** What such a thread calls. */
export const createSerdes = ({ naming, autoRegister, ...connection }: RegistrySerdesSettings): Serdes =>
  createSerdesOver({
    registry: connectRegistry(connection),
    ...(naming === undefined ? {} : { naming }),
    ...(autoRegister === undefined ? {} : { autoRegister }),
  });
