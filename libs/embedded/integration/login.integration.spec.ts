import { describe, expect, it } from '@jest/globals';
import { Admin } from '@platformatic/kafka';
import { Kafka as KafkaJs, logLevel, type SASLOptions } from 'kafkajs';
import { startKafka } from '../src/index.ts';
import {
  apiVersions,
  metadata,
  saslAuthenticate,
  saslHandshake,
} from '../src/broker/protocol/messages/index.ts';
import { selfSigned } from '../testing/self-signed.ts';
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

  it('speaks TLS, with a login inside', async () => {
    const tls = selfSigned();
    const kafka = await startKafka({ tls, sasl: { users } });
    const sasl = { mechanism: 'plain' as const, username: 'alice', password: 'correct horse' };
    expect(await topicsSeenBy(kafka.brokers, sasl, { ca: [tls.cert] })).toEqual([]);
    await expect(topicsSeenBy(kafka.brokers, sasl)).rejects.toThrow();
    await kafka.stop();
  });
});
