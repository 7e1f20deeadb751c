import { StorageError } from './errors.ts';

/**
 * Loads the package that an adapter stands on, only when that adapter is opened.
 *
 * @throws StorageError `STORAGE_PEER_MISSING` names what to install
 */
export async function loadPeer<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (
      code !== 'ERR_MODULE_NOT_FOUND' &&
      code !== 'MODULE_NOT_FOUND' &&
      code !== 'ERR_UNKNOWN_BUILTIN_MODULE'
    ) {
      throw cause;
    }
    const remedy = name.startsWith('node:') ? 'use Node 22.13 or newer' : `npm install ${name}`;
    throw new StorageError(
      'STORAGE_PEER_MISSING',
      `this store needs ${name}, which is not there: ${remedy}.`,
      {
        cause,
      },
    );
  }
}
