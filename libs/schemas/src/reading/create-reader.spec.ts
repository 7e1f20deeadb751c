import { describe, expect, it } from '@jest/globals';
import { AccessLogSchema, type AccessLog } from '../generated/web-logs.ts';
import { createWriter } from '../producing/create-writer.ts';
import { connectRegistry } from '../registry/connect-registry.ts';
import { createReader } from './create-reader.ts';

const row: AccessLog = {
  time: 1_767_225_600_000,
  host: '192.0.2.1',
  user: null,
  method: 'GET',
  path: '/',
  protocol: 'HTTP/1.1',
  status: 200,
  bytes: 17,
  duration_ms: 3,
  referrer: null,
  user_agent: 'curl/8',
  simulated: true,
  line: '',
};

/** A registry that knows one schema as id 7. */
const registry = connectRegistry({
  url: 'http://registry',
  fetch: (url) => {
    const known = String(url).includes('/ids/') ? { schema: JSON.stringify(AccessLogSchema) } : { id: 7 };
    return Promise.resolve(new Response(JSON.stringify(known)));
  },
});

async function setUp() {
  const writer = await createWriter<AccessLog>({
    registry,
    subject: 's',
    schema: AccessLogSchema,
    autoRegister: true,
  });
  const reader = createReader({ registry, schema: AccessLogSchema, fields: ['path', 'time', 'user'] });
  const bytes = writer.write(row);
  expect(reader.read(bytes, 0, bytes.length)).toBe(1);
  await reader.resolve();
  return { reader, bytes };
}

describe('createReader', () => {
  it('has its row from the start, the same one always', async () => {
    const fresh = createReader({ registry, schema: AccessLogSchema, fields: ['path', 'time', 'user'] });
    expect(fresh.row).toEqual({ time: 0, user: null, path: '' });
    const { reader, bytes } = await setUp();
    const before = reader.row;
    expect(reader.read(bytes, 0, bytes.length)).toBe(0);
    expect(reader.row).toBe(before);
    expect(before).toEqual({ time: row.time, user: null, path: '/' });
  });

  it('tells the same number for the same text of a field, none for one that is too long to be remembered', async () => {
    const writer = await createWriter<AccessLog>({
      registry,
      subject: 's',
      schema: AccessLogSchema,
      autoRegister: true,
    });
    const reader = createReader({ registry, schema: AccessLogSchema, fields: ['path', 'time', 'user'] });
    const text = reader.textOf('path');
    const numbers: number[] = [];
    for (const path of ['/', '/a', '/', '/a', '/b', '', `/${'long'.repeat(10)}`, '/a']) {
      const bytes = writer.write({ ...row, path });
      if (reader.read(bytes, 0, bytes.length) === 1) {
        await reader.resolve();
        reader.read(bytes, 0, bytes.length);
      }
      expect(reader.row.path).toBe(path);
      numbers.push(text.number);
    }
    expect(numbers).toEqual([1, 2, 1, 2, 3, 0, 0, 2]);
  });

  it('reads ranges of larger buffers', async () => {
    const { reader, bytes } = await setUp();
    const larger = Buffer.concat([Buffer.from('before'), bytes, Buffer.from('behind')]);
    expect(reader.read(larger, 6, 6 + bytes.length)).toBe(0);
    expect(reader.read(larger, 6, 7 + bytes.length)).toBe(2);
    expect(reader.fault).toMatchObject({ code: 'AVRO_TRAILING' });
  });

  it('refuses what is not framed, and values that are not there', async () => {
    const { reader } = await setUp();
    for (const [bytes, start, end] of [
      [Buffer.from('{"json":1}'), 0, 10],
      [Buffer.alloc(4), 0, 4],
      [Buffer.alloc(9), -1, -1],
    ] as const) {
      expect(reader.read(bytes, start, end)).toBe(2);
      expect(reader.fault?.code).toBe('SCHEMAS_NOT_AVRO');
    }
  });

  it('lives through 10,000 mutations and bombs without growing', async () => {
    const { reader, bytes } = await setUp();
    const results = [0, 0, 0];
    const before = process.memoryUsage().arrayBuffers;
    for (let index = 0; index < 10_000; index++) {
      const mutated = Buffer.from(bytes);
      const at = 5 + ((index * 7919) % (bytes.length - 5));
      mutated[at] = (mutated[at] as number) ^ (1 << (index % 8));
      if (index % 3 === 0) mutated.fill(0xff, at, Math.min(at + 9, bytes.length));
      const result = reader.read(mutated, 0, index % 5 === 0 ? at : bytes.length);
      results[result] = (results[result] as number) + 1;
    }
    expect(results[1]).toBe(0);
    expect(results[2]).toBeGreaterThan(3_000);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * 2 ** 20);
    expect(reader.read(bytes, 0, bytes.length)).toBe(0);
  });

  it('says at once that a field does not exist, or that a schema is no record', () => {
    const fields = ['nope'] as unknown as (keyof AccessLog & string)[];
    expect(() => createReader({ registry, schema: AccessLogSchema, fields })).toThrow('has no field "nope"');
    expect(() => createReader({ registry, schema: '"int"' })).toThrow('a reader reads records, not a int');
  });
});
