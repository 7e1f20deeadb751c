import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { startKafka, startRegistry } from '../src/index.ts';
import { selfSigned } from '../testing/self-signed.ts';
import { startChild } from './registry/child.ts';
import { crashTrial } from './registry/crash-trial.ts';
import { record, RegistryApi, textOf, versionsPath } from './registry/registry-api.ts';

const brokers = process.env['MILLRACE_TEST_KAFKA_BROKERS'];
const seed = Number(process.env['MILLRACE_TEST_SEED'] ?? Date.now() % 1_000_000);

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'millrace-registry-'));
  cleanups.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('the registry’s state', () => {
  it('is the same after a restart: schemas, ids, settings, deletions', async () => {
    const kafka = await startKafka();
    cleanups.push(() => kafka.stop());
    const first = await startRegistry({ kafka });
    const api = new RegistryApi(first.url);
    const id = await api.register('kept', record('R', 'a'));
    await api.register('deleted', record('D', 'a'));
    const goneId = await api.register('gone', record('G', 'a'));
    await api.ok('DELETE', '/subjects/deleted');
    await api.ok('DELETE', '/subjects/gone');
    await api.ok('DELETE', '/subjects/gone?permanent=true');
    await api.ok('PUT', '/config/kept', { compatibility: 'FULL' });
    await api.ok('PUT', '/mode', { mode: 'READONLY' });
    await first.stop();

    const second = await startRegistry({ kafka });
    cleanups.push(() => second.stop());
    const again = new RegistryApi(second.url);
    expect(await again.ok('GET', '/subjects')).toEqual(['kept']);
    expect(await again.ok('GET', '/subjects?deleted=true')).toEqual(['deleted', 'kept']);
    expect(await again.ok('GET', '/subjects/kept/versions/1')).toMatchObject({ id });
    expect(await again.ok('GET', '/config/kept')).toEqual({ compatibilityLevel: 'FULL' });
    expect(await again.ok('GET', '/mode')).toEqual({ mode: 'READONLY' });
    await again.ok('DELETE', '/mode');
    expect(await again.register('new', record('N', 'a'))).toBe(goneId + 1);
  });

  it('is shared by registries on one topic: each sees what the other wrote, at the latest before it writes', async () => {
    const kafka = await startKafka();
    cleanups.push(() => kafka.stop());
    const urls: string[] = [];
    for (let count = 0; count < 2; count++) {
      const registry = await startRegistry({ kafka });
      cleanups.push(() => registry.stop());
      urls.push(registry.url);
    }
    const [one, other] = urls.map((url) => new RegistryApi(url)) as [RegistryApi, RegistryApi];
    const ids = [
      await one.register('s', record('R', 'a')),
      await other.register('s', record('R', 'a', 'b=')),
      await one.register('t', record('R', 'a', 'b=')),
    ];
    expect(ids).toEqual([1, 2, 2]);
    expect(await one.ok('GET', versionsPath('s'))).toEqual([1, 2]);
    await other.register('u', '"int"');
    while ((await one.call('GET', versionsPath('u'))).status !== 200);
  });

  it(`survives kill -9 of the registry in the midst of registering (seed ${seed})`, async () => {
    const kafka = await startKafka();
    cleanups.push(() => kafka.stop());
    const start = () => startChild('registry-process.ts', kafka.brokers.join(','), '_schemas');
    expect(await crashTrial({ rounds: 5, seed, start })).toBeGreaterThan(5);
  });

  it(`survives kill -9 of broker and registry at once (seed ${seed})`, async () => {
    const [port, dataDir] = [await freePort(), await folder()];
    const start = () => startChild('broker-process.ts', String(port), dataDir);
    expect(await crashTrial({ rounds: 5, seed, start })).toBeGreaterThan(5);
  });

  (brokers === undefined ? it.skip : it)(`survives kill -9 over Apache Kafka (seed ${seed})`, async () => {
    const topic = `_schemas_crash_${Date.now()}_${process.pid}`;
    const start = () => startChild('registry-process.ts', brokers as string, topic);
    expect(await crashTrial({ rounds: 3, seed, start })).toBeGreaterThan(3);
  });
});

describe('the registry and its broker', () => {
  it('waits for a broker that starts later, and says so once', async () => {
    const port = await freePort();
    const told: string[] = [];
    const starting = startRegistry({
      kafka: { brokers: [`127.0.0.1:${port}`] },
      onWaiting: (message) => told.push(message),
    });
    while (told.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const kafka = await startKafka({ port });
    cleanups.push(() => kafka.stop());
    const registry = await starting;
    cleanups.push(() => registry.stop());
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(`127.0.0.1:${port}`);
    expect(await new RegistryApi(registry.url).ok('GET', '/subjects')).toEqual([]);
  });

  it('gives up with a clear error when there is no broker', async () => {
    const kafka = { brokers: [`127.0.0.1:${await freePort()}`] };
    await expect(startRegistry({ kafka, waitForBrokerMs: 200 })).rejects.toMatchObject({
      code: 'REGISTRY_NO_BROKER',
      retriable: true,
    });
  });

  it('goes on reading while the broker is away, refuses writes with 50001, and writes again afterwards', async () => {
    const [port, dataDir] = [await freePort(), await folder()];
    const kafka = await startKafka({ port, dataDir });
    const registry = await startRegistry({ kafka, requestTimeoutMs: 500 });
    cleanups.push(() => registry.stop());
    const api = new RegistryApi(registry.url);
    const id = await api.register('s', record('R', 'a'));
    await kafka.stop();
    expect(await api.ok('GET', `/schemas/ids/${id}`)).toHaveProperty('schema');
    const body = { schema: textOf(record('R', 'a', 'b=')) };
    const message = await api.refused(50001, 'POST', versionsPath('s'), body);
    expect(message).toContain(`127.0.0.1:${port}`);
    const back = await startKafka({ port, dataDir });
    cleanups.push(() => back.stop());
    expect(await api.register('s', body.schema)).toBe(id + 1);
    expect(await api.ok('GET', versionsPath('s'))).toEqual([1, 2]);
  });

  it('does not register twice what was written though its acknowledgement was lost', async () => {
    const kafka = await startKafka();
    cleanups.push(() => kafka.stop());
    const registry = await startRegistry({ kafka, requestTimeoutMs: 300 });
    cleanups.push(() => registry.stop());
    const api = new RegistryApi(registry.url);
    const body = { schema: textOf(record('R', 'a')) };
    kafka.faults.inject('Produce', { drop: 'after', times: 1 });
    await api.refused(50001, 'POST', versionsPath('s'), body);
    kafka.faults.inject('Produce', { delayMs: 600, times: 1 });
    await api.refused(50002, 'POST', versionsPath('t'), body);
    expect(await api.register('s', body.schema)).toBe(1);
    expect(await api.register('t', body.schema)).toBe(1);
    expect(await api.ok('GET', versionsPath('s'))).toEqual([1]);
    expect(await api.ok('GET', versionsPath('t'))).toEqual([1]);
    kafka.faults.inject('Produce', { error: 'notEnoughReplicas', times: 1 });
    const message = await api.refused(50001, 'POST', versionsPath('u'), body);
    expect(message).toContain('notEnoughReplicas');
  });

  it('answers reads at once while the broker hangs', async () => {
    const kafka = await startKafka();
    cleanups.push(() => kafka.stop());
    const registry = await startRegistry({ kafka, requestTimeoutMs: 1_000 });
    cleanups.push(() => registry.stop());
    const api = new RegistryApi(registry.url);
    const id = await api.register('s', record('R', 'a'));
    kafka.faults.inject('Fetch', { delayMs: 3_000 });
    const body = { schema: textOf(record('R', 'a', 'b=')) };
    const write = api.refused(50002, 'POST', versionsPath('s'), body);
    let written = false;
    void write.then(() => (written = true));
    expect(await api.ok('GET', `/schemas/ids/${id}`)).toHaveProperty('schema');
    expect(written).toBe(false);
    await write;
    kafka.faults.clear();
    expect(await api.register('s', body.schema)).toBe(id + 1);
  });

  it('speaks TLS, and not to a broker whose certificate it does not know', async () => {
    const { cert, key } = selfSigned();
    const kafka = await startKafka({ tls: { cert, key } });
    cleanups.push(() => kafka.stop());
    const { brokers: addresses } = kafka;
    const registry = await startRegistry({ kafka: { brokers: addresses, tls: { ca: cert } } });
    cleanups.push(() => registry.stop());
    expect(await new RegistryApi(registry.url).register('s', '"int"')).toBe(1);
    for (const tls of [{}, undefined]) {
      const attempt = startRegistry({
        kafka: { brokers: addresses, ...(tls && { tls }) },
        waitForBrokerMs: 200,
        requestTimeoutMs: 500,
      });
      await expect(attempt).rejects.toMatchObject({ code: 'REGISTRY_NO_BROKER' });
    }
  });

  it.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)('logs in with %s', async (mechanism) => {
    const kafka = await startKafka({ sasl: { users: { 'a,b=c': 'secret' }, mechanisms: [mechanism] } });
    cleanups.push(() => kafka.stop());
    const { brokers: addresses } = kafka;
    const login = { mechanism, username: 'a,b=c', password: 'secret' };
    const registry = await startRegistry({ kafka: { brokers: addresses, sasl: login } });
    cleanups.push(() => registry.stop());
    expect(await new RegistryApi(registry.url).register('s', '"int"')).toBe(1);
    for (const wrong of [
      { ...login, password: 'guessed' },
      { ...login, username: 'nobody' },
      { ...login, mechanism: mechanism === 'PLAIN' ? ('SCRAM-SHA-256' as const) : ('PLAIN' as const) },
    ]) {
      const attempt = startRegistry({ kafka: { brokers: addresses, sasl: wrong } });
      await expect(attempt).rejects.toMatchObject({ code: 'REGISTRY_LOGIN', retriable: false });
    }
  });

  it('does not use a topic that would lose schemas', async () => {
    const kafka = await startKafka();
    cleanups.push(() => kafka.stop());
    const admin = new KafkaJs({ brokers: kafka.brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: '_schemas', numPartitions: 1 }] });
    await admin.disconnect();
    await expect(startRegistry({ kafka })).rejects.toMatchObject({
      code: 'REGISTRY_TOPIC',
      retriable: false,
    });
  });
});
