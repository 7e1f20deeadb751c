import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CompatibilityMode } from '@millrace/avro';
import { Kafka, logLevel } from 'kafkajs';
import { connectRegistry, createProducer, createWriter, withRegistry, type Registry } from '../src/index.ts';
import { describeEverywhere, unique, type Services } from './services.ts';

const base = {
  type: 'record',
  name: 'Order',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'amount', type: 'int' },
    { name: 'note', type: ['null', 'string'], default: null },
  ],
};
const withNewField = { ...base, fields: [...base.fields, { name: 'country', type: 'string' }] };
const withoutField = { ...base, fields: base.fields.filter(({ name }) => name !== 'amount') };
const otherType = {
  ...base,
  fields: base.fields.map((field) => (field.name === 'amount' ? { name: 'amount', type: 'string' } : field)),
};

/** Per mode: a schema that it forbids, the field to be named, and what to do about it. */
const forbidden: [CompatibilityMode, object, string, RegExp][] = [
  ['BACKWARD', withNewField, 'country', /default/],
  ['BACKWARD_TRANSITIVE', withNewField, 'country', /default/],
  ['FORWARD', withoutField, 'amount', /default/],
  ['FORWARD_TRANSITIVE', withoutField, 'amount', /default/],
  ['FULL', withNewField, 'country', /default/],
  ['FULL_TRANSITIVE', otherType, 'amount', /string|int/],
];

describeEverywhere('contracts', (start) => {
  let services: Services;
  let registry: Registry;

  beforeAll(async () => {
    services = await start();
    registry = connectRegistry({ url: services.registryUrl });
    await registry.ready();
  });
  afterAll(() => services.stop());

  async function registered(mode: CompatibilityMode): Promise<{ topic: string; subject: string }> {
    const topic = unique(mode.toLowerCase());
    const subject = `${topic}-value`;
    await registry.register(subject, JSON.stringify(base));
    await registry.setCompatibility(subject, mode);
    return { topic, subject };
  }

  it.each(forbidden)(
    'under %s an incompatible schema stops both producers',
    async (mode, schema, field, fix) => {
      const { topic, subject } = await registered(mode);
      const kafka = new Kafka({ brokers: services.brokers, logLevel: logLevel.NOTHING });
      const says = {
        code: 'SCHEMAS_INCOMPATIBLE',
        message: expect.stringMatching(
          new RegExp(`${mode}.*Order\\.${field}, rule [A-Z_]+: .*${fix.source}`),
        ),
      };
      const options = { registry, autoRegister: true };
      await expect(
        createProducer({ ...options, brokers: services.brokers, schemas: { [topic]: schema } }),
      ).rejects.toMatchObject(says);
      const wrapped = withRegistry(kafka.producer(), { ...options, subjects: { [topic]: schema } });
      await expect(wrapped.connect()).rejects.toMatchObject(says);
      await expect(
        wrapped.send({ topic, messages: [{ value: { id: 'a', amount: 1 } }] }),
      ).rejects.toMatchObject(says);
      await expect(createWriter({ registry, subject, schema, autoRegister: false })).rejects.toMatchObject(
        says,
      );
      const admin = kafka.admin();
      await admin.connect();
      expect(await admin.listTopics()).not.toContain(topic);
      await admin.disconnect();
      expect(await registry.versions(subject)).toEqual([1]);
    },
  );

  it('under NONE it is taken', async () => {
    const { subject } = await registered('NONE');
    const { id } = await createWriter({ registry, subject, schema: otherType, autoRegister: true });
    expect((await registry.latest(subject))?.id).toBe(id);
    expect(await registry.versions(subject)).toEqual([1, 2]);
  });

  it('looks up or registers, and gives the same id again', async () => {
    const subject = unique('lookup');
    const lookUp = createWriter({ registry, subject, schema: base, autoRegister: false });
    await expect(lookUp).rejects.toMatchObject({
      code: 'SCHEMAS_NOT_REGISTERED',
      message: expect.stringContaining('register it first'),
    });
    const { id } = await createWriter({ registry, subject, schema: base, autoRegister: true });
    expect((await createWriter({ registry, subject, schema: base, autoRegister: true })).id).toBe(id);
    expect((await createWriter({ registry, subject, schema: base, autoRegister: false })).id).toBe(id);
    expect(await registry.lookup(subject, JSON.stringify(base))).toMatchObject({ subject, id, version: 1 });
    expect(JSON.parse((await registry.byId(id))?.schema ?? '')).toMatchObject({ name: 'Order' });
  });

  it('answers undefined or nothing for what does not exist', async () => {
    const subject = unique('nobody');
    expect(await registry.byId(2_000_000_000)).toBeUndefined();
    expect(await registry.latest(subject)).toBeUndefined();
    expect(await registry.version(subject, 7)).toBeUndefined();
    expect(await registry.versions(subject)).toEqual([]);
    expect(await registry.lookup(subject, JSON.stringify(base))).toBeUndefined();
    expect(await registry.subjects()).not.toContain(subject);
  });

  it('names subjects by topic, record or both', async () => {
    const topic = unique('naming');
    const named = { ...base, namespace: `n${Date.now()}` };
    for (const [naming, subject] of [
      ['topic', `${topic}-value`],
      ['record', `${named.namespace}.Order`],
      ['topic-record', `${topic}-${named.namespace}.Order`],
    ] as const) {
      const kafka = new Kafka({ brokers: services.brokers, logLevel: logLevel.NOTHING });
      const producer = withRegistry(kafka.producer(), {
        registry,
        naming,
        subjects: { [topic]: named },
        autoRegister: true,
      });
      await producer.connect();
      await producer.disconnect();
      expect(await registry.versions(subject)).toEqual([1]);
    }
  });
});

/** An address at which nobody listens. */
async function freeAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

describe('a registry that is not there', () => {
  it('makes a clear failure at start, after a few attempts', async () => {
    const url = await freeAddress();
    const registry = connectRegistry({ url });
    const failure = {
      code: 'SCHEMAS_REGISTRY_UNREACHABLE',
      retriable: true,
      message: expect.stringContaining(
        `the registry at ${url} cannot be reached (ECONNREFUSED); check that it runs and its URL`,
      ),
    };
    await expect(registry.ready()).rejects.toMatchObject(failure);
    const brokers = ['127.0.0.1:1'];
    await expect(createProducer({ brokers, registry, schemas: { t: base } })).rejects.toMatchObject(failure);
  }, 15_000);
});
