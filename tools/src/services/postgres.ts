import { chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findProgram } from './fetch/debian.ts';
import { run } from './fetch/run.ts';
import type { Service } from './service.ts';

const port = 15432;
const account = 'millrace';
const url = `postgres://${account}:${account}@127.0.0.1:${port}/${account}`;
const folders = ['/usr/lib/postgresql/15/bin', '/usr/lib/postgresql/16/bin', '/usr/lib/postgresql/17/bin'];
const find = (program: string): string => findProgram(program, 'postgresql-15', folders);

/** Postgres, password authentication on, as the user `postgres` where we are root: it refuses to run as root. */
export const postgres: Service = {
  name: 'postgres',
  title: 'PostgreSQL 15',
  port,
  url,
  testEnv: { MILLRACE_TEST_POSTGRES_URL: url },
  appEnv: { STORAGE_URL_HISTORY: url },
  startTimeoutMs: 60_000,
  fetch: async () => void find('postgres'),
  prepare: async (dir) => {
    const user = await plainUser();
    const home = placeFor(dir, user !== undefined);
    const data = join(home, 'data');
    mkdirSync(home, { recursive: true });
    if (user !== undefined) chownSync(home, user.uid, user.gid);
    if (!existsSync(join(data, 'PG_VERSION'))) {
      const password = join(home, 'password');
      writeFileSync(password, account);
      if (user !== undefined) chownSync(password, user.uid, user.gid);
      const args = [
        '-D',
        data,
        '-U',
        account,
        '-A',
        'scram-sha-256',
        `--pwfile=${password}`,
        '-E',
        'UTF8',
        '--locale=C',
      ];
      await run(find('initdb'), args, { cwd: home, ...(user === undefined ? {} : { user }) });
    }
    const settings = ['listen_addresses=127.0.0.1', 'shared_buffers=128MB', 'max_connections=50'];
    return {
      file: find('postgres'),
      args: ['-D', data, '-p', String(port), '-k', home, ...settings.flatMap((setting) => ['-c', setting])],
      cwd: home,
      ...(user === undefined ? {} : { user }),
    };
  },
  healthy: async () => {
    try {
      await run(find('pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]);
      return true;
    } catch {
      return false;
    }
  },
  afterStart: async () => {
    const options = { env: { PGPASSWORD: account } };
    const where = ['-h', '127.0.0.1', '-p', String(port), '-U', account, '-d', 'postgres', '-tAc'];
    const found = await run(
      find('psql'),
      [...where, `SELECT 1 FROM pg_database WHERE datname = '${account}'`],
      options,
    );
    if (found.trim() === '') await run(find('psql'), [...where, `CREATE DATABASE ${account}`], options);
  },
};

async function plainUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string): Promise<number> => Number(await run('id', [flag, 'postgres']));
  return { uid: await id('-u'), gid: await id('-g') };
}

/** The folder itself, or one in the temporary folder where another user could not reach it. */
function placeFor(dir: string, forOtherUser: boolean): string {
  if (!forOtherUser) return dir;
  const reachable = (path: string): boolean =>
    (!existsSync(path) || (statSync(path).mode & 0o001) !== 0) &&
    (path === dirname(path) || reachable(dirname(path)));
  if (reachable(dir)) return dir;
  return join(tmpdir(), `millrace-postgres-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`);
}
