import type { StorageAdapter } from './contract.ts';
import { StorageError } from './errors.ts';

const known =
  'memory:, sqlite:PATH, redis://HOST:PORT, postgres://USER:PASSWORD@HOST/DATABASE, redshift://…, cassandra://USER:PASSWORD@HOST:PORT/KEYSPACE?dc=NAME or keyspaces://…';

/**
 * Opens the store that an address names: `memory:`, `sqlite:PATH`, `redis://…`, `postgres://…`, `redshift://…`,
 * `cassandra://…` or `keyspaces://…`. The package that it stands on is loaded only then.
 *
 * @throws StorageError `STORAGE_URL`, `STORAGE_PEER_MISSING`, `STORAGE_CREDENTIALS` or `STORAGE_UNAVAILABLE`
 */
export async function openStorage(url: string): Promise<StorageAdapter> {
  const scheme = /^([a-z0-9+]+):/.exec(url)?.[1];
  switch (scheme) {
    case 'memory':
      return (await import('./adapters/memory.ts')).memoryStorage();
    case 'sqlite': {
      const path = url.slice('sqlite:'.length);
      if (path === '') throw new StorageError('STORAGE_URL', 'sqlite: names no file; write sqlite:PATH.');
      return (await import('./adapters/sqlite.ts')).sqliteStorage(path);
    }
    case 'redis':
    case 'rediss': {
      const address = parse(url);
      const prefix = address.searchParams.get('prefix');
      address.search = '';
      const { redisStorage } = await import('./adapters/redis.ts');
      return redisStorage(address.href, prefix === null ? {} : { prefix });
    }
    case 'postgres':
    case 'postgresql':
      return (await import('./adapters/postgres.ts')).postgresStorage(parse(url).href);
    case 'redshift': {
      const { postgresStorage } = await import('./adapters/postgres.ts');
      return postgresStorage(parse(url).href.replace(/^redshift:/, 'postgres:'), { dialect: 'redshift' });
    }
    case 'cassandra':
    case 'keyspaces': {
      const { cassandraStorage, parseCassandraUrl } = await import('./adapters/cassandra.ts');
      return cassandraStorage(parseCassandraUrl(parse(url)));
    }
    default:
      throw new StorageError(
        'STORAGE_URL',
        `no store takes the address ${JSON.stringify(url.slice(0, 12))}: use ${known}.`,
      );
  }
}

function parse(url: string): URL {
  if (URL.canParse(url)) return new URL(url);
  const scheme = url.slice(0, url.indexOf(':'));
  throw new StorageError(
    'STORAGE_URL',
    `the ${scheme} address cannot be read (percent-encode what is not a letter in user and password): use ${known}.`,
  );
}
