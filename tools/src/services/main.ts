/** `npm run services`: the real services as plain processes, without Docker. */
import { createReadStream, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { catalog } from './catalog.ts';
import { ServiceError } from './errors.ts';
import { fetchExtras, extraEnv } from './extras.ts';
import { stateDir } from './paths.ts';
import { findRunning, stopRunning } from './running.ts';
import type { Service } from './service.ts';
import { start } from './start.ts';

const help = `usage: npm run services [-- COMMAND] [-- NAME ...]

  (no command) [NAME ...]    start the named services, or all, and wait until they are healthy
  stop [NAME ...] [--wipe]   stop them; --wipe deletes their data too
  status                     what runs, and where
  logs NAME                  print the log of one service
  env [apps]                 print the variables that the tests (or the apps) read, as shell exports
  fetch [NAME ...]           download without starting; also what tests in other languages need

services: ${catalog.map((service) => service.name).join(', ')}

Downloads are kept in ~/.cache/millrace (MILLRACE_CACHE), data and logs in .millrace/services (MILLRACE_DIR).
`;

async function main(words: readonly string[]): Promise<number> {
  const flags = words.filter((word) => word.startsWith('-'));
  const [first, ...rest] = words.filter((word) => !word.startsWith('-'));
  if (flags.includes('--help') || flags.includes('-h')) {
    process.stdout.write(help);
    return 0;
  }
  const unknown = flags.find((flag) => flag !== '--wipe' || first !== 'stop');
  if (unknown !== undefined)
    throw new ServiceError('SERVICES_USAGE', `unknown option ${unknown}; see --help.`);
  switch (first) {
    case 'stop':
      return stop(choose(rest), flags.includes('--wipe'));
    case 'status':
      return status();
    case 'logs':
      return logs(choose(rest.length === 0 ? ['(none)'] : rest));
    case 'env':
      return env(rest[0] === 'apps');
    case 'fetch':
      await Promise.all([
        ...choose(rest).map((service) => service.fetch()),
        ...(rest.length === 0 ? [fetchExtras()] : []),
      ]);
      return 0;
    default:
      await start(choose(first === undefined ? [] : [first, ...rest]));
      return status();
  }
}

function choose(names: readonly string[]): readonly Service[] {
  if (names.length === 0) return catalog;
  return names.map((name) => {
    const service = catalog.find((candidate) => candidate.name === name);
    if (service !== undefined) return service;
    const known = catalog.map((candidate) => candidate.name).join(', ');
    throw new ServiceError('SERVICES_UNKNOWN', `no service is called "${name}"; there are ${known}.`);
  });
}

async function stop(services: readonly Service[], wipe: boolean): Promise<number> {
  const stopped = await Promise.all(services.map((service) => stopRunning(stateDir(service.name))));
  services.forEach((service, index) => {
    console.log(`${service.name}: ${stopped[index] === true ? 'stopped' : 'was not running'}`);
    if (wipe) rmSync(stateDir(service.name), { recursive: true, force: true });
  });
  return 0;
}

async function status(): Promise<number> {
  const rows = await Promise.all(
    catalog.map(async (service) => {
      const running = findRunning(stateDir(service.name));
      const state =
        running === undefined ? 'stopped' : (await service.healthy()) ? 'healthy' : 'not answering';
      return [service.name, service.title, state, String(running?.pid ?? ''), service.url];
    }),
  );
  const table = [['service', 'what', 'state', 'pid', 'url'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  for (const row of table) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    );
  }
  return 0;
}

async function logs(services: readonly Service[]): Promise<number> {
  for (const service of services) {
    const file = join(stateDir(service.name), 'log');
    if (!existsSync(file))
      throw new ServiceError('SERVICES_NO_LOG', `${service.name} was never started here.`);
    await pipeline(createReadStream(file), process.stdout, { end: false });
  }
  return 0;
}

function env(forApps: boolean): number {
  const variables: Record<string, string> = forApps ? {} : extraEnv();
  for (const service of catalog) {
    if (findRunning(stateDir(service.name)) === undefined) continue;
    Object.assign(variables, forApps ? service.appEnv : service.testEnv);
  }
  for (const [name, value] of Object.entries(variables)) console.log(`export ${name}='${value}'`);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ServiceError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
