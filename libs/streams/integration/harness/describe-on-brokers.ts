import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { TestCluster } from './cluster.ts';

const real = process.env['MILLRACE_TEST_KAFKA_BROKERS'];
const platforms: [name: string, brokers: string | undefined][] = [
  ['the embedded broker', undefined],
  ...(real === undefined ? [] : [['Apache Kafka', real] as [string, string]]),
];

/**
 * Runs a suite on the embedded broker, and on a real one where `MILLRACE_TEST_KAFKA_BROKERS` names it: with a cluster that is there
 * while its tests run, and a folder for their state.
 */
export function describeOnBrokers(
  title: string,
  tests: (suite: { readonly cluster: TestCluster; readonly stateDir: string }) => void,
): void {
  describe.each(platforms)(`${title} on %s`, (_platform, brokers) => {
    const cluster = new TestCluster(brokers);
    const stateDir = join(tmpdir(), `millrace-state-${randomUUID()}`);
    beforeAll(async () => {
      await cluster.start();
      await mkdir(stateDir);
    });
    afterAll(async () => {
      await cluster.stop();
      await rm(stateDir, { recursive: true });
    });
    tests({ cluster, stateDir });
  });
}
