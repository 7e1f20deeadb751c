import { expect } from '@jest/globals';
import { topicNames } from '../../src/index.ts';
import type { PipelineDefinition } from '../../src/index.ts';
import { lastClicks } from './clicks.ts';
import type { click, Click } from './clicks.ts';
import { counted, until } from './cluster.ts';
import type { TestCluster } from './cluster.ts';
import { expectedShares, expectedVisits, isOdd, isThrown } from './own-code.ts';
import type { TestRecord } from './read-topic.ts';

/** For what must come, on however busy a machine. */
const giveUpMs = 90_000;

/** All windows are right, and each record that own code failed on was set aside once. */
export async function expectAllShares(
  cluster: TestCluster,
  definition: PipelineDefinition,
  clicks: readonly ReturnType<typeof click>[],
): Promise<readonly TestRecord[]> {
  const inOrder = [...clicks, ...lastClicks(clicks.length)];
  for (const [view, expected] of [
    ['per_user', expectedShares(clicks, 'user')],
    ['per_tag', expectedShares(clicks, 'tag')],
    ['user_visits', expectedVisits(inOrder, 'user')],
    ['visits_by_size', expectedVisits(inOrder, 'size')],
  ] as const) {
    expect(expected.size).toBeGreaterThan(5);
    await until(async () => (await cluster.results(definition, view)).size >= expected.size, giveUpMs);
    await until(async () => (await cluster.lag(definition)) === 0, giveUpMs);
    expect(counted(await cluster.results(definition, view))).toEqual(expected);
  }
  const dead = await cluster.read(topicNames.deadLetter(definition.name));
  const failed = dead.map(({ value, headers }) => [
    (JSON.parse(value!.toString()) as Click).n,
    headers['code'],
  ]);
  expect(failed.sort(([a], [b]) => Number(a) - Number(b))).toEqual(
    clicks.flatMap(({ n }) => {
      if (isThrown(n)) return [[n, 'STREAMS_OWN_CODE_THREW']];
      return isOdd(n) ? [[n, 'STREAMS_OWN_CODE_VALUE']] : [];
    }),
  );
  return dead;
}
