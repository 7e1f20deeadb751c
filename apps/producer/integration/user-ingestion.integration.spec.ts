import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startKafka, startRegistry } from '@millrace/embedded';
import { simulatedProfile } from '@millrace/pipelines';
import type { IngestionRun, UserCreated } from '@millrace/schemas';
import { Kafka, logLevel } from 'kafkajs';
import { readConfig } from '../src/config.ts';
import { run, type RunningProducer } from '../src/run.ts';
import { type Answer, sendJson, sendStatus, startPeopleApi } from './people-api.ts';
import { eventually, topicMessages, topicValues } from './topic-values.ts';

const people = { seed: 5, perHour: 600, listedMs: 60_000 };

const nowMs = Date.UTC(2026, 0, 1);
const someone = (index: number, timeMs = nowMs) => simulatedProfile(people, 5_000_000 + index, timeMs);

let broker: Awaited<ReturnType<typeof startKafka>>;
let registry: Awaited<ReturnType<typeof startRegistry>>;
let kafka: Kafka;
let producer: RunningProducer | undefined;
let api: Awaited<ReturnType<typeof startPeopleApi>>;

beforeAll(async () => {
  broker = await startKafka();
  registry = await startRegistry({ kafka: broker });
  kafka = new Kafka({ brokers: [...broker.brokers], logLevel: logLevel.NOTHING });
});
afterEach(async () => {
  await producer?.stop();
  await api.stop();
});
afterAll(async () => {
  await registry.stop();
  await broker.stop();
});

async function start(): Promise<void> {
  const env = {
    PIPELINES: 'user-ingestion',
    KAFKA_BROKERS: broker.brokers.join(','),
    SCHEMA_REGISTRY_URL: registry.url,
    PRODUCER_PORT: '0',
    PEOPLE_API_URL: api.url,
    PEOPLE_SCHEDULE: '* * * * * *',
    PEOPLE_PAGE_SIZE: '10',
    PEOPLE_REQUESTS_PER_SECOND: '1000',
  };
  producer = await run(readConfig(env), () => undefined);
}
const users = () => topicValues<UserCreated>(kafka, 'users_created', registry.url);
const runs = () => topicValues<IngestionRun>(kafka, 'ingestion_runs', registry.url);
const ended = (all: readonly IngestionRun[]) => all.filter(({ status }) => status !== 'running');

/** Pages of ten over a list of profiles. */
const list =
  (profiles: readonly unknown[]): Answer =>
  ({ page, results }, response) =>
    sendJson(response, { results: profiles.slice((page - 1) * results, page * results), info: {} });

describe('the ingestion of users', () => {
  it('sends each profile once, then only what has changed, over pages, broken profiles, failures, and a restart in mid-run', async () => {
    const profiles: object[] = Array.from({ length: 25 }, (_, index) => someone(index));
    const broken = [{ login: {} }, 'nobody'];
    api = await startPeopleApi(list([...profiles.slice(0, 4), ...broken, ...profiles.slice(4)]));
    await start();
    const first = await eventually('a run has ended', async () => ended(await runs())[0]);
    expect(first).toMatchObject({
      status: 'done',
      fetched: 27,
      created: 25,
      updated: 0,
      unchanged: 0,
      refused: 2,
    });
    expect(await users()).toHaveLength(25);
    const letters = await topicMessages(kafka, 'user-ingestion.dead-letter');
    expect(
      letters.slice(0, 2).map(({ headers, value }) => [headers.code, headers.reason, String(value)]),
    ).toEqual([
      ['USER_INGESTION_PROFILE_FIELD', expect.stringContaining('login.uuid'), '{"login":{}}'],
      ['USER_INGESTION_PROFILE_SHAPE', expect.stringContaining('JSON object'), '"nobody"'],
    ]);

    // One profile changes; the API fails, then answers its second page never: the producer is stopped there.
    profiles[12] = { ...profiles[12], phone: '555-0000' };
    api.answerWith((_request, response) => sendStatus(response, 404));
    const failed = await eventually('a run has failed', async () =>
      ended(await runs()).find(({ status }) => status === 'failed'),
    );
    expect(failed.reason).toContain('answered 404');
    let hanging = false;
    const news = [someone(100), ...profiles];
    api.answerWith(({ page, results }, response) => {
      if (page === 2) hanging = true;
      else list(news)({ page, results }, response);
    });
    await eventually('the second page is asked for', async () => hanging || undefined);
    await producer?.stop();
    const before = api.asked.length;
    api.answerWith(list(news));
    await start();
    await eventually('the changed profile has arrived', async () =>
      (await users()).find(({ change }) => change === 'updated'),
    );
    expect(api.asked[before]).toBe(2); // it goes on where it was

    const endedBefore = ended(await runs()).length;
    await eventually(
      'three more runs',
      async () => ended(await runs()).length >= endedBefore + 3 || undefined,
    );
    const all = await users();
    expect(all.filter(({ change }) => change === 'created')).toHaveLength(26);
    expect(new Set(all.map(({ user_id }) => user_id)).size).toBe(26);
    expect(all.filter(({ change }) => change === 'updated').map(({ phone }) => phone)).toEqual(['555-0000']);
    const interrupted = ended(await runs()).find(({ updated }) => updated === 1);
    expect(interrupted).toMatchObject({ created: 1, unchanged: 24, fetched: 26 });
    const perRun = Map.groupBy(ended(await runs()), ({ run_id }) => run_id);
    expect([...perRun.values()].every((of) => of.length === 1)).toBe(true);
  });
});
