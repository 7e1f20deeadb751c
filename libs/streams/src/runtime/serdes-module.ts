import { StreamsError } from '../errors.ts';
import type { Serdes } from './ports.ts';

/**
 * Serdes as data, so that each thread can make its own: a module that exports `createSerdes(settings)`, sync or async.
 * `registrySerdes` of @millrace/schemas gives one.
 */
export interface SerdesModule {
  /** A URL, e.g. `import.meta.resolve('./my-serdes.js')`. */
  readonly module: string;
  /** Plain data. */
  readonly settings?: unknown;
}

export const isSerdesModule = (serdes: Serdes | SerdesModule): serdes is SerdesModule => 'module' in serdes;

/** @throws STREAMS_SERDE when the module cannot be loaded, or exports no `createSerdes` */
export async function loadSerdes(serdes: Serdes | SerdesModule): Promise<Serdes> {
  if (!isSerdesModule(serdes)) return serdes;
  const { module, settings } = serdes;
  let loaded: { readonly createSerdes?: (settings: unknown) => Serdes | Promise<Serdes> };
  try {
    loaded = (await import(module)) as typeof loaded;
  } catch (cause) {
    throw new StreamsError(
      'STREAMS_SERDE',
      `the serdes module ${module} cannot be loaded (${(cause as Error).message}); give the URL of a JavaScript module`,
      { cause },
    );
  }
  if (typeof loaded.createSerdes !== 'function')
    throw new StreamsError(
      'STREAMS_SERDE',
      `the serdes module ${module} exports no function "createSerdes"; export one that takes the settings and returns serdes`,
    );
  return await loaded.createSerdes(settings);
}
