import type { StorageAdapter } from './contract.ts';
import { StorageError } from './errors.ts';

/**
 * Opens the store that an address names: `memory:` or `sqlite:PATH`.
 *
 * @throws StorageError `STORAGE_URL`, `STORAGE_PEER_MISSING`, `STORAGE_CREDENTIALS` or `STORAGE_UNAVAILABLE`
 */
export async function openStorage(url: string): Promise<StorageAdapter> {
  const scheme = /^([a-z0-9+]+):/.exec(url)?.[1];
  switch (scheme) {
    case 'memory': {
      const { memoryStorage } = await import('./adapters/memory.ts');
      return memoryStorage();
    }
    case 'sqlite': {
      const path = url.slice('sqlite:'.length);
      if (path === '') throw new StorageError('STORAGE_URL', 'sqlite: names no file; write sqlite:PATH.');
      const { sqliteStorage } = await import('./adapters/sqlite.ts');
      return sqliteStorage(path);
    }
    default:
      throw new StorageError(
        'STORAGE_URL',
        `no store takes the address ${JSON.stringify(url.slice(0, 20))}: use memory: or sqlite:PATH.`,
      );
  }
}
