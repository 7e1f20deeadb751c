import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { startKafka, startRegistry, type Kafka, type RunningRegistry } from '../src/index.ts';
import { RegistryApi } from './registry/registry-api.ts';

const seed = Number(process.env['MILLRACE_TEST_SEED'] ?? Date.now() % 1_000_000);

describe(`the registry under random requests (seed ${seed})`, () => {
  let kafka: Kafka;
  let registry: RunningRegistry;
  let api: RegistryApi;
  beforeAll(async () => {
    kafka = await startKafka();
    registry = await startRegistry({ kafka });
    api = new RegistryApi(registry.url);
  });
  afterAll(async () => {
    await registry?.stop();
    await kafka?.stop();
  });

  it('answers every one, none with a fault of its own', async () => {
    const segment = fc.constantFrom(
      ...[
        'subjects',
        'schemas',
        'ids',
        'config',
        'mode',
        'compatibility',
        'versions',
        'schema',
        'types',
        'latest',
      ],
      ...[
        '1',
        '-1',
        '0',
        '2147483648',
        's',
        't',
        '%00',
        '%',
        '%ff',
        '..',
        '__proto__',
        'a%2Fb',
        'referencedby',
      ],
    );
    const query = fc.constantFrom(
      ...[
        '',
        '?deleted=true',
        '?permanent=true',
        '?normalize=true',
        '?verbose=true',
        '?deleted=1&deleted=true',
      ],
      ...['?offset=-1&limit=x', '?force=true', '?__proto__=1', '?%', '?fetchMaxId=true&subject=s'],
    );
    const schema = fc.constantFrom('"int"', '"long"', '"string"', '["null","int"]', '{', '"R"', '');
    const reference = {
      name: fc.constant('n'),
      subject: fc.constantFrom('s', 't'),
      version: fc.constantFrom(1, -1, 9, '1'),
    };
    const body = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .record(
          {
            schema: fc.oneof(schema, fc.jsonValue()),
            schemaType: fc.constantFrom('AVRO', 'JSON', 1),
            references: fc.oneof(fc.array(fc.record(reference, { requiredKeys: [] })), fc.jsonValue()),
            id: fc.oneof(fc.integer(), fc.jsonValue()),
            version: fc.integer(),
            compatibility: fc.oneof(fc.constantFrom('NONE', 'full', 'x'), fc.jsonValue()),
            mode: fc.oneof(fc.constantFrom('IMPORT', 'READWRITE'), fc.jsonValue()),
          },
          { requiredKeys: [] },
        )
        .map((value) => JSON.stringify(value)),
    );
    const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS');
    const path = fc
      .array(segment, { minLength: 1, maxLength: 6 })
      .map((segments) => `/${segments.join('/')}`);
    await fc.assert(
      fc.asyncProperty(method, path, query, body, async (verb, where, asked, content) => {
        const hasBody = verb !== 'GET' && verb !== 'HEAD';
        const { status } = await api.call(verb, `${where}${asked}`, hasBody ? content : undefined);
        expect([verb, where, asked, status]).toEqual([verb, where, asked, expect.any(Number)]);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 1_000, seed },
    );
    await api.ok('PUT', '/mode', { mode: 'READWRITE' });
    await api.ok('PUT', '/mode/still-there', { mode: 'READWRITE' });
    expect(await api.register('still-there', '"double"')).toBeGreaterThan(0);
  });

  it('closes what is no HTTP, and serves on while hundreds of connections say nothing', async () => {
    const open = async () => {
      const socket = connect(registry.port, '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      return socket;
    };
    const silent = await Promise.all(Array.from({ length: 500 }, open));
    for (const bytes of [
      Buffer.alloc(1_000, 0xff),
      Buffer.from('GET / HTTP/9.9\r\n\r\n'),
      Buffer.alloc(100_000, 0x41),
    ]) {
      const socket = await open();
      // Not `once`: that would reject where the server resets the connection, which is as good.
      const closed = new Promise((resolve) => socket.on('close', resolve));
      socket.resume();
      socket.end(bytes);
      await closed;
    }
    expect(await api.ok('GET', '/schemas/types')).toEqual(['AVRO']);
    for (const socket of silent) socket.destroy();
  });
});
