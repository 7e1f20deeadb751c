import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { OwnBroker } from '@millrace/embedded/testing';
import type { LosableApi } from '@millrace/embedded/testing';
import { startPipeline } from '../src/index.ts';
import type { RunningPipeline } from '../src/index.ts';
import { clicksPipeline, jsonSerdes, lastClicks } from './harness/clicks.ts';
import { expectAllCounted, TestCluster, until } from './harness/cluster.ts';
import { startLoad } from './harness/load.ts';

const libs = process.env['MILLRACE_TEST_KAFKA_LIBS'];
const platforms: [string, string | undefined][] = [['the embedded broker', undefined]];
if (libs !== undefined) platforms.push(['Apache Kafka', libs]);

const timeouts = { sessionTimeoutMs: 6_000, transactionTimeoutMs: 5_000 };
/** How long the broker is away: not at all, and for longer than sessions and transactions last. */
const awayMs = [0, 8_000];
/** The trial's limit is 30 s; a busy machine may need longer to start a broker, so that the time is told and not asserted. */
const giveUpMs = 90_000;
/** A commit that is under way notices at once that the broker is gone. */
const noticeMs = 10_000;

describe.each(platforms)('faults of a broker of its own, %s', (_platform, kafkaLibs) => {
  let broker: OwnBroker;
  let cluster: TestCluster;
  let serial = 0;
  beforeAll(async () => {
    broker = await OwnBroker.start(kafkaLibs);
    cluster = await TestCluster.start(broker.brokers.join());
  });
  afterAll(async () => {
    await cluster.stop();
    await broker.remove();
  });

  /** A pipeline at work under load. */
  async function underLoad(commitIntervalMs: number) {
    const definition = clicksPipeline(`broker-fault-${++serial}`);
    const { topic } = definition.sources.clicks;
    await cluster.createTopic(topic);
    const load = startLoad(cluster, topic);
    const recoveries: string[] = [];
    const pipeline: RunningPipeline = await startPipeline(definition, {
      brokers: cluster.brokers,
      serdes: jsonSerdes,
      ...timeouts,
      commitIntervalMs,
      onEvent: ({ event, message }) => {
        if (event === 'recovering') recoveries.push(message);
      },
    });
    return {
      pipeline,
      recoveries,
      expectAllCounted: async () => {
        const clicks = await load.end();
        await cluster.send(topic, lastClicks(clicks.length));
        await expectAllCounted(cluster, definition, clicks);
        await pipeline.stop();
      },
    };
  }

  /** Kills the broker while a transaction is under way; one that has ended by the time it dies does not count. */
  async function killInTransaction(pipeline: RunningPipeline, recoveries: readonly string[]) {
    for (const { length } = recoveries; ; await broker.start()) {
      const { commits } = pipeline.counters;
      await until(() => pipeline.counters.commits > commits + 5 && !pipeline.isSettled);
      await broker.kill();
      const isTorn = await until(() => recoveries.length > length, noticeMs).then(
        () => true,
        () => false,
      );
      if (isTorn) return;
    }
  }

  it('loses, repeats and shows nothing that was aborted when it is killed in mid-transaction (trial 4)', async () => {
    const { pipeline, recoveries, expectAllCounted } = await underLoad(0);
    for (const ms of awayMs) {
      await killInTransaction(pipeline, recoveries);
      await new Promise((resolve) => setTimeout(resolve, ms));
      await broker.start();
      const back = pipeline.counters.commits;
      const sinceMs = performance.now();
      await until(() => pipeline.counters.commits > back, giveUpMs);
      console.info(`commits again ${Math.round(performance.now() - sinceMs)} ms after the broker's return`);
    }
    await expectAllCounted();
  });

  it('takes a lost reply to any call of a transaction for an unknown outcome (trial 5)', async () => {
    const { recoveries, expectAllCounted } = await underLoad(20);
    const calls: LosableApi[] = [
      'EndTxn',
      'TxnOffsetCommit',
      'AddOffsetsToTxn',
      'AddPartitionsToTxn',
      'Produce',
    ];
    for (const [at, api] of calls.entries()) {
      await broker.proxy.loseReply(api);
      // The load's own producer is hit by a lost reply of Produce as well, and sends again.
      if (api !== 'Produce') await until(() => recoveries.length > at);
    }
    await expectAllCounted();
  });
});
