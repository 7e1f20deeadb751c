import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceError } from './errors.ts';
import { listening, waitUntil } from './health.ts';
import { stateDir } from './paths.ts';
import { findRunning, startDetached } from './running.ts';
import type { Service } from './service.ts';

/**
 * Starts what does not run yet and waits until all of it is healthy. Each is
 * started as soon as its download is done.
 *
 * @throws ServiceError one sentence: what is missing, or whose port is taken, or the last lines of the log.
 */
export async function start(services: readonly Service[]): Promise<void> {
  const outcomes = await Promise.allSettled(services.map(startOne));
  const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
  if (failed.length === 0) return;
  const reasons = failed.map(({ reason }) => (reason as Error).message);
  throw new ServiceError('SERVICES_START', reasons.join('\n'), { cause: failed[0]?.reason });
}

async function startOne(service: Service): Promise<void> {
  await service.fetch();
  const dir = stateDir(service.name);
  if (findRunning(dir) === undefined) {
    if (await listening(service.port)) {
      throw new ServiceError(
        'SERVICES_PORT',
        `${service.name}: port ${service.port} is in use by a process that was not started from here; stop that first.`,
      );
    }
    const startedAt = Date.now();
    await startDetached(dir, await service.prepare(dir));
    await becomeHealthy(service, dir);
    console.log(`${service.name}: healthy after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  } else {
    await becomeHealthy(service, dir);
  }
  await service.afterStart?.();
}

async function becomeHealthy(service: Service, dir: string): Promise<void> {
  const alive = (): boolean => findRunning(dir) !== undefined;
  if (await waitUntil(() => service.healthy(), { timeoutMs: service.startTimeoutMs, alive })) return;
  const what = alive() ? `did not answer within ${service.startTimeoutMs / 1000} s` : 'ended while starting';
  const log = readFileSync(join(dir, 'log'), 'utf8').trim().split('\n').slice(-10).join('\n');
  throw new ServiceError('SERVICES_UNHEALTHY', `${service.name} ${what}. The end of its log:\n${log}`);
}
