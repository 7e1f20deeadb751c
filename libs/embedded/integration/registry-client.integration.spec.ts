import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startKafka, startRegistry, type Kafka, type RunningRegistry } from '../src/index.ts';
import { record } from './registry/registry-api.ts';

describe('@kafkajs/confluent-schema-registry against the embedded registry', () => {
  let kafka: Kafka;
  let registry: RunningRegistry;
  beforeAll(async () => {
    kafka = await startKafka();
    registry = await startRegistry({ kafka });
  });
  afterAll(async () => {
    await registry?.stop();
    await kafka?.stop();
  });
  const client = () => new SchemaRegistry({ host: registry.url });
  const avro = (schema: object) => ({ type: SchemaType.AVRO as const, schema: JSON.stringify(schema) });

  it('registers, encodes, and decodes with a client that has never seen the schema', async () => {
    const { id } = await client().register(avro(record('shop.Order', 'total')), { subject: 'orders-value' });
    const bytes = await client().encode(id, { total: 3 });
    expect(await client().decode(bytes)).toEqual({ total: 3 });
    expect(await client().getLatestSchemaId('orders-value')).toBe(id);
    expect(await client().getRegistryId('orders-value', 1)).toBe(id);
    expect(await client().getRegistryIdBySchema('orders-value', avro(record('shop.Order', 'total')))).toBe(
      id,
    );
  });

  it('sets the compatibility of a new subject, and refuses what breaks it', async () => {
    const options = { subject: 'strict-value', compatibility: COMPATIBILITY.FULL };
    await client().register(avro(record('shop.Strict', 'a')), options);
    await expect(client().register(avro(record('shop.Strict', 'a', 'b')), options)).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining('"b"'),
    });
  });
});
