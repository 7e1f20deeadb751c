import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OwnBroker, unsecuredToken } from '@millrace/embedded/testing';
import type { SASLOptions } from '@platformatic/kafka';
import { startPipeline } from '../src/index.ts';
import { clicksPipeline, jsonSerdes, lastClicks } from './harness/clicks.ts';
import { expectAllCounted, TestCluster, until } from './harness/cluster.ts';
import type { OauthLogin } from './harness/cluster.ts';
import { startLoad } from './harness/load.ts';

const libs = process.env['MILLRACE_TEST_KAFKA_LIBS'];
const platforms: [string, string | undefined][] = [['the embedded broker', undefined]];
if (libs !== undefined) platforms.push(['Apache Kafka', libs]);

/** A fifth of it is left when a log-in is renewed, for a machine that stands still for a while. */
const maxReauthMs = 10_000;
const tokenSeconds = 60;
/** How long it takes to get one, as from a server. */
const tokenMs = 100;

/** Tokens of their own for each log-in, and how many there were. */
function oauthLogin() {
  const login = {
    mechanism: 'OAUTHBEARER',
    count: 0,
    token: async () => {
      login.count++;
      await new Promise((resolve) => setTimeout(resolve, tokenMs));
      return unsecuredToken('millrace', Math.floor(Date.now() / 1_000) + tokenSeconds);
    },
  } satisfies OauthLogin & { count: number };
  return login;
}

describe.each(platforms)('a log-in by OAUTHBEARER, %s', (_platform, kafkaLibs) => {
  let broker: OwnBroker;
  let cluster: TestCluster;
  beforeAll(async () => {
    broker = await OwnBroker.start(kafkaLibs, { maxReauthMs });
    cluster = await TestCluster.start(broker.brokers.join(), oauthLogin());
  });
  afterAll(async () => {
    await cluster?.stop();
    await broker?.remove();
  });

  it('is renewed in time by all connections of a pipeline, and no commit fails for it', async () => {
    const definition = clicksPipeline('renewed');
    const { topic } = definition.sources.clicks;
    await cluster.createTopic(topic);
    const load = startLoad(cluster, topic);
    const sasl = oauthLogin();
    const troubles: string[] = [];
    const pipeline = await startPipeline(definition, {
      brokers: cluster.brokers,
      sasl,
      serdes: jsonSerdes,
      sessionTimeoutMs: 6_000,
      onEvent: ({ level, message }) => {
        if (level === 'warn' || level === 'error') troubles.push(message);
      },
    });
    await until(() => pipeline.counters.commits > 0);
    troubles.length = 0;
    const { count } = sasl;
    // Of the connections that commit, fetch, produce, and ask for metadata.
    await until(() => sasl.count >= count + 4);
    const clicks = await load.end();
    await cluster.send(topic, lastClicks(clicks.length));
    await expectAllCounted(cluster, definition, clicks);
    await pipeline.stop();
    expect(troubles).toEqual([]);
    expect(pipeline.counters).toMatchObject({ failedCommits: 0, rebalances: 1 });
  });

  const refused: [string, SASLOptions][] = [
    ['invalid_token', { mechanism: 'OAUTHBEARER', token: unsecuredToken('millrace', 1) }],
    ['UNSUPPORTED_SASL_MECHANISM', { mechanism: 'PLAIN', username: 'alice', password: 'correct horse' }],
  ];
  it.each(refused)('that the broker does not take refuses a start: %s', async (reason, sasl) => {
    const definition = clicksPipeline('refused');
    const options = { brokers: cluster.brokers, sasl, serdes: jsonSerdes };
    await expect(startPipeline(definition, options)).rejects.toMatchObject({
      code: 'STREAMS_LOGIN',
      message: expect.stringContaining(reason),
    });
  });

  it('waits for a token that cannot be had just now', async () => {
    const definition = clicksPipeline('late-token');
    await cluster.createTopic(definition.sources.clicks.topic);
    const { token } = oauthLogin();
    const waits: string[] = [];
    const pipeline = await startPipeline(definition, {
      brokers: cluster.brokers,
      sasl: {
        mechanism: 'OAUTHBEARER',
        token: () => (waits.length === 0 ? Promise.reject(new Error('no answer')) : token()),
      },
      serdes: jsonSerdes,
      onEvent: ({ event, message }) => {
        if (event === 'waiting') waits.push(message);
      },
    });
    expect(waits[0]).toMatch(/no credentials for the log-in by OAUTHBEARER: no answer/);
    await pipeline.stop();
  });
});
