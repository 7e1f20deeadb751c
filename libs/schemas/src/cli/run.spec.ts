import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { run } from './run.ts';

const id = { name: 'id', type: 'string' };
const amount = { name: 'amount', type: 'int' };
const note = { name: 'note', type: ['null', 'string'], default: null };
let root: string;

beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'millrace-schemas-')), 'avro');
  mkdirSync(join(root, 'shop'), { recursive: true });
});
afterEach(() => rmSync(join(root, '..'), { recursive: true }));

function write(name: string, fields: readonly object[]): string {
  const path = join(root, 'shop', name);
  writeFileSync(path, JSON.stringify({ type: 'record', name: 'Order', fields }));
  return path;
}

async function cli(...words: string[]): Promise<{ status: number; out: string[]; error: string[] }> {
  const [out, error]: [string[], string[]] = [[], []];
  const status = await run(words, {
    environment: {},
    print: (line) => out.push(...line.split('\n')),
    printError: (line) => error.push(line),
  });
  return { status, out, error };
}

describe('millrace-schemas check', () => {
  it('compares with the last released version and says who must be upgraded first', async () => {
    const cases: [readonly object[], number, string][] = [
      [[id, amount], 0, 'ok   avro/shop/order.avsc against released version 2: unchanged in what is written'],
      [
        [id, amount, note],
        0,
        'ok   avro/shop/order.avsc against released version 2: compatible both ways: upgrade consumers and producers in any order',
      ],
      [
        [id],
        0,
        'ok   avro/shop/order.avsc against released version 2: backward compatible only: upgrade every consumer first, then the producers',
      ],
      [
        [id, amount, { name: 'country', type: 'string' }],
        1,
        'FAIL avro/shop/order.avsc against released version 2: forward compatible only: upgrade every producer first, then the consumers',
      ],
      [
        [id, { name: 'amount', type: 'string' }],
        1,
        'FAIL avro/shop/order.avsc against released version 2: incompatible both ways: neither side can be upgraded first; use a new topic, or go by way of a version that both can read',
      ],
    ];
    write('order.v1.avsc', [{ name: 'old', type: 'int' }]);
    write('order.v2.avsc', [id, amount]);
    for (const [fields, status, line] of cases) {
      write('order.avsc', fields);
      const result = await cli('check', root);
      expect(result).toMatchObject({ status, error: [] });
      expect(result.out[0]).toBe(line);
    }
    write('order.avsc', [id, amount, { name: 'country', type: 'string' }]);
    const { out } = await cli('check', root);
    expect(out[1]?.trim()).toBe('not allowed under BACKWARD:');
    expect(out[2]).toMatch(/READER_FIELD_MISSING_DEFAULT_VALUE: Order\.country: .*give it a default/);
    expect((await cli('check', root, '--mode', 'forward')).status).toBe(0);
  });

  it('says that a schema was never released, and releases it', async () => {
    write('order.avsc', [id]);
    expect((await cli('check', root)).out[0]).toContain('was never released');
    expect((await cli('release', root)).out).toEqual(['wrote avro/shop/order.v1.avsc']);
    expect((await cli('release', root)).out).toEqual(['nothing has changed since the last release']);
    write('order.avsc', [id, note]);
    expect((await cli('release', root)).out).toEqual(['wrote avro/shop/order.v2.avsc']);
    expect(readdirSync(join(root, 'shop'))).toEqual(['order.avsc', 'order.v1.avsc', 'order.v2.avsc']);
    expect(readFileSync(join(root, 'shop/order.v2.avsc'))).toEqual(
      readFileSync(join(root, 'shop/order.avsc')),
    );
  });
});

describe('millrace-schemas', () => {
  it('shows the fields that differ, and the verdict', async () => {
    const older = write('a.avsc', [id, amount]);
    const newer = write('b.avsc', [id, { name: 'amount', type: 'long' }, note]);
    expect(await cli('diff', older, newer)).toEqual({
      status: 0,
      error: [],
      out: [
        '~ amount: int → long',
        '+ note: null | string = null',
        'backward compatible only: upgrade every consumer first, then the producers',
        expect.stringContaining('Order.amount'),
      ],
    });
    expect((await cli('diff', older, newer, '--mode', 'FULL')).status).toBe(1);
    expect((await cli('diff', older, newer, '--mode', 'BACKWARD')).status).toBe(0);
  });

  it('generates modules', async () => {
    write('order.avsc', [id, note]);
    const to = join(root, '../out');
    expect((await cli('generate', root, to)).out).toEqual([`wrote ${join(to, 'shop.ts')}`]);
    expect(readFileSync(join(to, 'shop.ts'), 'utf8')).toContain(
      'export const OrderSchema: TypedSchema<Order> = {',
    );
    expect((await cli('generate', root, to)).out).toEqual(['up to date']);
  });

  it('helps, and says what it did not understand', async () => {
    const { status, out } = await cli('--help');
    expect(status).toBe(0);
    expect(out[0]).toBe('usage: millrace-schemas COMMAND');
    expect((await cli()).status).toBe(2);
    const failures: [string[], number, string][] = [
      [['nope'], 2, 'there is no command "nope"'],
      [['constructor'], 2, 'there is no command "constructor"'],
      [['list'], 2, 'no registry is given: use --registry URL or set SCHEMA_REGISTRY_URL'],
      [['diff', 'a.avsc'], 1, expect.stringContaining('ENOENT') as unknown as string],
      [
        ['check', root, '--mode', 'SOME'],
        2,
        expect.stringContaining('--mode is one of NONE') as unknown as string,
      ],
      [['decode', '--hex', '0g'], 2, '--hex takes pairs of hexadecimal digits'],
      [['decode', '--topic', 't'], 2, '--partition takes a whole number'],
      [['decode'], 2, 'give --hex, --base64, or --topic with --partition and --offset'],
      [['list', '--what'], 2, expect.stringContaining("Unknown option '--what'") as unknown as string],
    ];
    for (const [words, status, message] of failures) {
      expect(await cli(...words)).toMatchObject({ status, error: expect.arrayContaining([message]) });
    }
  });
});
