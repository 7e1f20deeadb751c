import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRegistry } from '@millrace/embedded';
import {
  connectRegistry,
  createDecoder,
  createReader,
  createWriter,
  type ValueReader,
} from '../src/index.ts';
import { describeEverywhere, startEmbedded, unique, type Services } from './services.ts';

const first = {
  type: 'record',
  name: 'Visit',
  fields: [
    { name: 'page', type: 'string' },
    { name: 'ms', type: 'int' },
  ],
};
const second = { ...first, fields: [...first.fields, { name: 'user', type: 'string', default: 'nobody' }] };

function framed(id: number, payload: Uint8Array = new Uint8Array(0)): Buffer {
  const bytes = Buffer.alloc(5 + payload.length);
  bytes.writeUInt32BE(id, 1);
  bytes.set(payload, 5);
  return bytes;
}

async function readAfterAsking(reader: ValueReader<unknown>, bytes: Buffer): Promise<0 | 1 | 2> {
  if (reader.read(bytes, 0, bytes.length) === 1) await reader.resolve();
  return reader.read(bytes, 0, bytes.length);
}

describeEverywhere('readers', (start) => {
  let services: Services;
  beforeAll(async () => {
    services = await start();
  });
  afterAll(() => services.stop());

  it('read what older and newer writers wrote, as their own schema', async () => {
    const registry = connectRegistry({ url: services.registryUrl });
    const subject = unique('evolution');
    const old = await createWriter({ registry, subject, schema: first, autoRegister: true });
    const young = await createWriter({ registry, subject, schema: second, autoRegister: true });
    expect(young.id).not.toBe(old.id);
    const fromOld = old.write({ page: '/', ms: 5 });
    const fromYoung = young.write({ page: '/a', ms: 6, user: 'ann' });
    const reader = createReader({ registry, schema: second });
    expect(await readAfterAsking(reader, fromOld)).toBe(0);
    expect(reader.row).toEqual({ page: '/', ms: 5, user: 'nobody' });
    expect(await readAfterAsking(reader, fromYoung)).toBe(0);
    expect(reader.row).toEqual({ page: '/a', ms: 6, user: 'ann' });
    const behind = createReader({ registry, schema: first, fields: ['ms'] });
    expect(await readAfterAsking(behind, fromYoung)).toBe(0);
    expect(behind.row).toEqual({ ms: 6 });
    expect(await createDecoder({ registry }).decode(fromYoung)).toEqual({ page: '/a', ms: 6, user: 'ann' });
    expect(await createDecoder({ registry, schema: first }).decode(fromYoung)).toEqual({ page: '/a', ms: 6 });
  });

  it('ask once per unknown id and minute, however many records have it', async () => {
    const asked: string[] = [];
    let nowMs = 0;
    const registry = connectRegistry({
      url: services.registryUrl,
      fetch: (url, init) => {
        asked.push(String(url).split('/').at(-1) ?? '');
        return fetch(url, init);
      },
    });
    const reader = createReader({ registry, schema: first, nowMs: () => nowMs });
    const unknown = [1_999_999_901, 1_999_999_902].map((id) => framed(id, Uint8Array.of(2, 97, 2)));
    const results = new Map<string, number>();
    for (let record = 0; record < 100_000; record++) {
      const bytes = [unknown[0], unknown[1], framed(1).fill(7), Buffer.alloc(record % 5)][
        record % 4
      ] as Buffer;
      await readAfterAsking(reader, bytes);
      const code = reader.fault?.code ?? 'none';
      results.set(code, (results.get(code) ?? 0) + 1);
    }
    expect(Object.fromEntries(results)).toEqual({ SCHEMAS_UNKNOWN_ID: 50_000, SCHEMAS_NOT_AVRO: 50_000 });
    expect(asked).toEqual(['1999999901', '1999999902']);
    nowMs = 60_001;
    await readAfterAsking(reader, unknown[0] as Buffer);
    await readAfterAsking(reader, unknown[0] as Buffer);
    expect(asked).toHaveLength(3);
  });

  it('ask once when many wait for the same id', async () => {
    let asked = 0;
    const counting: typeof fetch = (url, init) => {
      asked++;
      return fetch(url, init);
    };
    const registry = connectRegistry({ url: services.registryUrl, fetch: counting });
    const writer = await createWriter({
      registry,
      subject: unique('once'),
      schema: first,
      autoRegister: true,
    });
    const decoder = createDecoder({ registry });
    const bytes = writer.write({ page: '/', ms: 1 });
    asked = 0;
    expect(decoder.tryDecode(bytes)).toBeUndefined();
    await Promise.all(Array.from({ length: 100 }, () => decoder.decode(bytes)));
    expect(asked).toBe(1);
    expect(decoder.tryDecode(bytes)).toEqual({ page: '/', ms: 1 });
  });
});

describe('a registry that goes away', () => {
  it('does not stop records with known ids; others wait and are then read', async () => {
    const services = await startEmbedded();
    let registryServer = await startRegistry({ kafka: { brokers: services.brokers } });
    const { port } = registryServer;
    try {
      const registry = connectRegistry({ url: registryServer.url, attempts: 1 });
      const subject = unique('outage');
      const known = await createWriter({ registry, subject, schema: first, autoRegister: true });
      const fresh = await createWriter({ registry, subject, schema: second, autoRegister: true });
      const waits: string[] = [];
      const reader = createReader({ registry, schema: second, onWaiting: (error) => waits.push(error.code) });
      expect(await readAfterAsking(reader, known.write({ page: '/', ms: 1 }))).toBe(0);
      await registryServer.stop();

      expect(await readAfterAsking(reader, known.write({ page: '/known', ms: 2 }))).toBe(0);
      const bytes = fresh.write({ page: '/fresh', ms: 3, user: 'bob' });
      expect(reader.read(bytes, 0, bytes.length)).toBe(1);
      const resolved = reader.resolve();
      while (waits.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(reader.read(bytes, 0, bytes.length)).toBe(1);
      expect(new Set(waits)).toEqual(new Set(['SCHEMAS_REGISTRY_UNREACHABLE']));

      registryServer = await startRegistry({ kafka: { brokers: services.brokers }, port });
      await resolved;
      expect(reader.read(bytes, 0, bytes.length)).toBe(0);
      expect(reader.row).toEqual({ page: '/fresh', ms: 3, user: 'bob' });
    } finally {
      await registryServer.stop();
      await services.stop();
    }
  });
});

describe('a hostile registry', () => {
  const schemas: Record<number, object> = {
    1: { schema: `${'{"type":"array","items":'.repeat(20_000)}"int"${'}'.repeat(20_000)}` },
    2: { schema: JSON.stringify({ type: 'record', name: 'R', fields: [], doc: 'x'.repeat(10_000_000) }) },
    3: { schema: '{"type": "record"' },
    4: { schema: 'syntax = "proto3";', schemaType: 'PROTOBUF' },
    5: { schema: '"int"' },
    6: { schema: '{"type":"record","name":"__proto__","fields":[{"name":"__proto__","type":"int"}]}' },
  };
  let server: Server;
  let url: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const id = Number(request.url?.split('/').at(-1));
      if (id === 7) response.end('x'.repeat(20_000_000));
      else if (id === 8) response.end('<html>');
      else response.end(JSON.stringify(schemas[id]));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it.each([
    [1, 'a schema nested 20,000 deep'],
    [2, 'a schema of 10 MB'],
    [3, 'a schema that is not JSON'],
    [4, 'a schema that is not Avro'],
    [5, 'a schema that the reader cannot read'],
    [6, 'a schema with other names, none of them harmless'],
  ])('gives id %d, %s: the record is refused with the reason', async (id) => {
    const reader = createReader({ registry: connectRegistry({ url }), schema: first });
    expect(await readAfterAsking(reader, framed(id))).toBe(2);
    expect(reader.fault).toMatchObject({
      code: 'SCHEMAS_UNREADABLE_SCHEMA',
      message: expect.stringContaining(`schema ${id} `),
    });
    expect(({} as { page?: unknown }).page).toBeUndefined();
  });

  it('answers too much, or no JSON: nothing is taken for a schema', async () => {
    for (const id of [7, 8]) {
      const reader = createReader({ registry: connectRegistry({ url }), schema: first });
      reader.read(framed(id), 0, 5);
      await expect(reader.resolve()).rejects.toMatchObject({
        code: 'SCHEMAS_REGISTRY_ANSWER',
        retriable: false,
      });
    }
  });
});
