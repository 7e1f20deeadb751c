import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { run } from '../src/cli/run.ts';
import { connectRegistry, createProducer } from '../src/index.ts';
import { describeEverywhere, unique, type Services } from './services.ts';

const main = join(import.meta.dirname, '../src/cli/main.ts');
const order = (fields: readonly object[]) => ({ type: 'record', name: 'Order', fields });
const first = order([
  { name: 'id', type: 'string' },
  { name: 'cents', type: { type: 'long', exact: true } },
]);
const second = order([...first.fields, { name: 'note', type: ['null', 'string'], default: null }]);
const broken = order([...first.fields, { name: 'country', type: 'string' }]);

describeEverywhere('millrace-schemas', (start) => {
  let services: Services;
  let folder: string;
  beforeAll(async () => {
    services = await start();
    folder = mkdtempSync(join(tmpdir(), 'millrace-cli-'));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await services.stop();
  });

  async function cli(...words: string[]): Promise<{ status: number; out: string; error: string }> {
    let [out, error] = ['', ''];
    const environment = {
      SCHEMA_REGISTRY_URL: services.registryUrl,
      KAFKA_BROKERS: services.brokers.join(','),
    };
    const status = await run(words, {
      environment,
      print: (line) => (out += `${line}\n`),
      printError: (line) => (error += `${line}\n`),
    });
    return { status, out, error };
  }

  it('runs as a command', async () => {
    const parameters = ['--conditions=@millrace/source', main, 'list', '--registry', services.registryUrl];
    await promisify(execFile)(process.execPath, parameters);
    const failing = promisify(execFile)(process.execPath, [...parameters.slice(0, 2), 'show']);
    await expect(failing).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('a subject is missing'),
    });
  });

  function file(name: string, schema: object): string {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(schema));
    return path;
  }

  it('registers, lists, shows, compares and checks', async () => {
    const topic = unique('cli');
    const subject = `${topic}-value`;
    expect((await cli('register', subject, file('a.avsc', first))).out).toMatch(
      new RegExp(`^${subject} has id \\d+\n$`),
    );
    const registry = connectRegistry({ url: services.registryUrl });
    await registry.setCompatibility(subject, 'FULL');
    const refused = await cli('register', subject, file('c.avsc', broken));
    expect(refused).toMatchObject({
      status: 1,
      error: expect.stringMatching(/FULL: Order\.country, rule READER_FIELD_MISSING_DEFAULT_VALUE/),
    });
    expect((await cli('register', subject, file('b.avsc', second))).status).toBe(0);
    expect((await cli('list')).out).toMatch(new RegExp(`^${subject}  versions 1, 2  id \\d+  FULL$`, 'm'));
    expect(JSON.parse((await cli('show', `${subject}@1`)).out)).toMatchObject({
      name: 'Order',
      fields: [{}, {}],
    });
    expect(JSON.parse((await cli('show', subject)).out)).toMatchObject({ fields: [{}, {}, {}] });
    expect((await cli('show', `${subject}@9`)).error).toContain('is not registered');
    const diff = await cli('diff', `${subject}@1`, subject);
    expect(diff.out).toBe(
      '+ note: null | string = null\ncompatible both ways: upgrade consumers and producers in any order\n',
    );

    const root = join(folder, 'avro');
    mkdirSync(join(root, 'shop'), { recursive: true });
    writeFileSync(join(root, 'shop/order.avsc'), JSON.stringify({ ...broken, topic }));
    const checked = await cli('check', root);
    expect(checked.status).toBe(1);
    expect(checked.out).toContain(
      `FAIL avro/shop/order.avsc against ${subject} version 2 (FULL): forward compatible only: upgrade every producer first`,
    );
    expect(checked.out).toContain('not allowed under FULL:');
  });

  it('decodes a message given as hex, as base64, or by where it is', async () => {
    const topic = unique('cli');
    const registry = connectRegistry({ url: services.registryUrl });
    const producer = await createProducer({
      brokers: services.brokers,
      registry,
      schemas: { [topic]: first },
      keys: { [topic]: second },
      autoRegister: true,
      compression: 'zstd',
    });
    const value = { id: 'ż', cents: 2n ** 60n };
    const deliveries = await Promise.all(
      [1, 2, 3].map((note) =>
        producer.deliver(topic, { key: { ...value, note: `${note}` }, value, partition: 0 }),
      ),
    );
    await producer.deliver(topic, { key: { ...value, note: null }, value: null, partition: 0 });
    await producer.close();
    const shown = { id: 'ż', cents: '1152921504606846976' };
    const at = (offset: number, ...more: string[]) =>
      cli('decode', '--topic', topic, '--partition', '0', '--offset', String(offset), ...more);
    const offset = deliveries[1]?.offset ?? -1;
    expect(JSON.parse((await at(offset)).out)).toEqual(shown);
    expect(JSON.parse((await at(offset, '--key')).out)).toEqual({ ...shown, note: '2' });
    expect((await at(offset + 2)).out).toBe('null\n');
    expect(await at(1_000)).toMatchObject({
      status: 1,
      error: expect.stringContaining('OFFSET_OUT_OF_RANGE'),
    });

    const id = (await registry.latest(`${topic}-value`))?.id ?? 0;
    const bytes = Buffer.from([0, 0, 0, 0, 0, 4, 0xc5, 0xbc, 0x02]);
    bytes.writeUInt32BE(id, 1);
    const small = { id: 'ż', cents: '1' };
    expect(JSON.parse((await cli('decode', '--hex', bytes.toString('hex'))).out)).toEqual(small);
    expect(JSON.parse((await cli('decode', '--base64', bytes.toString('base64'))).out)).toEqual(small);
    const cut = await cli('decode', '--hex', bytes.subarray(0, 8).toString('hex'));
    expect(cut).toMatchObject({
      status: 1,
      error: expect.stringContaining('Order.cents, byte 3: the bytes end before the value does'),
    });
  });
});
