import { describe, expect, it } from '@jest/globals';
import { Admin } from '@platformatic/kafka';
import { Kafka as KafkaJs, logLevel, type SASLOptions } from 'kafkajs';
import { manualClock, startKafka } from '../src/index.ts';
import {
  apiVersions,
  metadata,
  saslAuthenticate,
  saslHandshake,
} from '../src/broker/protocol/messages/index.ts';
import { selfSigned } from '../testing/self-signed.ts';
import { unsecuredToken } from '../testing/unsecured-token.ts';
import { WireClient } from './wire-client.ts';

const users = { alice: 'correct horse', 'b,=b': 'p,=p' };

async function topicsSeenBy(
  brokers: string[],
  sasl?: SASLOptions,
  ssl?: { ca: string[] },
): Promise<string[]> {
  const options = { brokers, logLevel: logLevel.NOTHING, retry: { retries: 0 } };
  const admin = new KafkaJs({ ...options, ...(sasl && { sasl }), ...(ssl && { ssl }) }).admin();
  try {
    await admin.connect();
    return await admin.listTopics();
  } finally {
    await admin.disconnect();
  }
}

describe('logging in', () => {
  for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
    it(`lets kafkajs in by ${mechanism} with the right password, and not with a wrong one`, async () => {
      const kafka = await startKafka({ sasl: { users } });
      const as = (username: string, password: string) =>
        topicsSeenBy(kafka.brokers, { mechanism, username, password });
      expect(await as('alice', 'correct horse')).toEqual([]);
      expect(await as('b,=b', 'p,=p')).toEqual([]);
      await expect(as('alice', 'wrong')).rejects.toThrow(/authentication failed/i);
      await expect(as('mallory', 'correct horse')).rejects.toThrow(/authentication failed/i);
      await expect(topicsSeenBy(kafka.brokers)).rejects.toThrow();
      await kafka.stop();
    });
  }

  it('lets @platformatic/kafka in by SCRAM-SHA-512', async () => {
    const kafka = await startKafka({ sasl: { users, mechanisms: ['SCRAM-SHA-512'] } });
    const sasl = { mechanism: 'SCRAM-SHA-512' as const, username: 'alice', password: 'correct horse' };
    const admin = new Admin({ clientId: 'login', bootstrapBrokers: kafka.brokers, sasl });
    expect(await admin.listTopics()).toEqual([]);
    await admin.close();
    await kafka.stop();
  });

  it('answers who it is before, and nothing else', async () => {
    const kafka = await startKafka({ sasl: { users } });
    const client = await WireClient.connect(kafka.brokers[0]!);
    expect((await client.call(apiVersions, {})).errorCode).toBe(0);
    const early = await client.call(saslAuthenticate, { authBytes: Buffer.from('\0alice\0correct horse') });
    expect(early.errorCode).toBe(34);
    expect((await client.call(saslHandshake, { mechanism: 'GSSAPI' })).errorCode).toBe(33);
    await expect(client.call(metadata, { topics: null })).rejects.toThrow(/closed/);
    await kafka.stop();
  });

  it('ends a log-in after its time, unless it is renewed as the same user', async () => {
    const clock = manualClock();
    const kafka = await startKafka({ sasl: { users, maxReauthMs: 1_000 }, clock });
    const client = await WireClient.connect(kafka.brokers[0]!);
    const logIn = async (said: string) => {
      expect((await client.call(saslHandshake, { mechanism: 'PLAIN' })).errorCode).toBe(0);
      return client.call(saslAuthenticate, { authBytes: Buffer.from(said) });
    };
    for (let round = 0; round < 3; round++) {
      const { errorCode, sessionLifetimeMs } = await logIn('\0alice\0correct horse');
      expect([errorCode, sessionLifetimeMs]).toEqual([0, 1_000]);
      clock.advance(999);
      expect((await client.call(metadata, { topics: null })).topics).toEqual([]);
    }
    clock.advance(1);
    expect((await logIn('\0b,=b\0p,=p')).errorCode).toBe(58);
    expect((await logIn('\0alice\0correct horse')).errorCode).toBe(0);
    clock.advance(1_000);
    await expect(client.call(metadata, { topics: null })).rejects.toThrow(/closed/);
    await kafka.stop();
  });

  it('takes nothing between the two calls that renew a log-in', async () => {
    const kafka = await startKafka({ sasl: { users, maxReauthMs: 60_000 } });
    const client = await WireClient.connect(kafka.brokers[0]!);
    await client.call(saslHandshake, { mechanism: 'PLAIN' });
    await client.call(saslAuthenticate, { authBytes: Buffer.from('\0alice\0correct horse') });
    await client.call(saslHandshake, { mechanism: 'PLAIN' });
    await expect(client.call(metadata, { topics: null })).rejects.toThrow(/closed/);
    await kafka.stop();
  });

  it('lets kafkajs in by OAUTHBEARER, where that was asked for, until its token has expired', async () => {
    const kafka = await startKafka({ sasl: { users, mechanisms: ['OAUTHBEARER'] } });
    const as = (expSeconds: number) =>
      topicsSeenBy(kafka.brokers, {
        mechanism: 'oauthbearer',
        oauthBearerProvider: async () => ({ value: unsecuredToken('alice', expSeconds) }),
      });
    expect(await as(Date.now() / 1_000 + 60)).toEqual([]);
    await expect(as(Date.now() / 1_000 - 1)).rejects.toThrow();
    await kafka.stop();
    const byPassword = await startKafka({ sasl: { users } });
    const client = await WireClient.connect(byPassword.brokers[0]!);
    expect((await client.call(saslHandshake, { mechanism: 'OAUTHBEARER' })).errorCode).toBe(33);
    await byPassword.stop();
  });

  it('speaks TLS, with a login inside', async () => {
    const tls = selfSigned();
    const kafka = await startKafka({ tls, sasl: { users } });
    const sasl = { mechanism: 'plain' as const, username: 'alice', password: 'correct horse' };
    expect(await topicsSeenBy(kafka.brokers, sasl, { ca: [tls.cert] })).toEqual([]);
    await expect(topicsSeenBy(kafka.brokers, sasl)).rejects.toThrow();
    await kafka.stop();
  });
});
