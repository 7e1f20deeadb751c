import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { everyType, everyValue } from '../../src/codec/testing/every-type.ts';
import { withoutLogicalTypes } from '../../src/codec/testing/plain.ts';
import { decoder, encoder, guard, parseSchema, type Json } from '../../src/index.ts';

const jars = process.env['MILLRACE_TEST_AVRO_LIBS'];
const python = process.env['MILLRACE_TEST_PYTHON'];
const withJava = jars === undefined ? describe.skip : describe;
const withPython = python === undefined ? describe.skip : describe;

const every = parseSchema(everyType as unknown as Json);
/** Logical types aside and every long exact: what random bits are a value of. */
const anyBits = exactLongs(withoutLogicalTypes(everyType));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-avro-'));
  writeFileSync(join(folder, 'every.avsc'), JSON.stringify(everyType));
  writeFileSync(join(folder, 'bits.avsc'), JSON.stringify(anyBits));
});
afterAll(() => rmSync(folder, { recursive: true }));

function exactLongs(json: unknown): unknown {
  if (json === 'long') return { type: 'long', exact: true };
  if (Array.isArray(json)) return json.map(exactLongs);
  if (typeof json !== 'object' || json === null) return json;
  if ((json as { type?: unknown }).type === 'long' && !('name' in json)) return { type: 'long', exact: true };
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, exactLongs(value)]));
}

function hexOf(value: unknown): string {
  const bytes = Buffer.alloc(10_000);
  const end = encoder(every).encode(value, bytes, 0);
  return bytes.subarray(0, end).toString('hex');
}

/** What the other side saw of each field, and what it wrote. */
function parseOutput(output: string): { seen: Record<string, string>; written: Buffer } {
  const lines = output.trim().split('\n');
  const seen = lines.slice(0, -1).map((line) => line.slice(2).split(/=(.*)/s));
  return {
    seen: Object.fromEntries(seen.map(([name, value]) => [name, value])),
    written: Buffer.from(lines.at(-1) ?? '', 'hex'),
  };
}

withJava('Apache Avro for Java', () => {
  const java =
    (...parameters: string[]) =>
    (input = '') =>
      execFileSync('java', ['-cp', `${jars}/*`, join(import.meta.dirname, 'Interop.java'), ...parameters], {
        input,
        encoding: 'utf8',
        maxBuffer: 2 ** 28,
        // The logging library says that nobody listens to it.
        stdio: ['pipe', 'pipe', 'ignore'],
      });

  it('reads every type and logical type as it was meant, and is read back', () => {
    const { seen, written } = parseOutput(java(join(folder, 'every.avsc'), 'echo')(hexOf(everyValue)));
    expect(seen).toMatchObject({
      nothing: 'null',
      flag: 'true',
      small: '-123456',
      large: '-9007199254740991',
      exact: '9223372036854775807',
      single: '0.5',
      real: '-1.25E-300',
      text: 'żółw 🐢 and ascii',
      suit: 'CLUBS',
      hash: '[1, 2, 3, 4]',
      words: '[, a, ünï]',
      either: '42',
      alike: 'HEARTS',
      at: '2026-01-01T00:00:00.123Z',
      at_micros: '2026-01-01T00:00:00.123456Z',
      at_nanos: '2026-01-01T00:00:00.123456789Z',
      local: '1969-12-31T23:59:59.999',
      local_micros: '1773-02-05T19:12',
      day: '2026-02-28',
      clock: '23:59:59.999',
      clock_micros: '23:59:59.999999',
      price: '-123456.789',
      fee: '0.05',
      id: '0e37df36-f698-11e6-8dd4-cb9ced3df976',
      raw_id: '0e37df36-f698-11e6-8dd4-cb9ced3df976',
    });
    guard(every)(written);
    expect(decoder({ writer: every }).decode(written)).toEqual(everyValue);
  });

  it('is read for 1,000 values that it makes up, and writes the same bytes', () => {
    const lines = java(join(folder, 'bits.avsc'), 'random', '1000', '7')().trim().split('\n');
    expect(lines).toHaveLength(1_000);
    const schema = parseSchema(anyBits as Json);
    const [check, ours, back] = [guard(schema), decoder({ writer: schema }), encoder(schema)];
    const bytes = Buffer.alloc(1_000_000);
    for (const line of lines) {
      const theirs = Buffer.from(line, 'hex');
      check(theirs);
      const end = back.encode(ours.decode(theirs), bytes, 0);
      expect(bytes.subarray(0, end).toString('hex')).toBe(line);
    }
  });
});

withPython('Apache Avro for Python', () => {
  const run = (input: string) =>
    execFileSync(python ?? '', [join(import.meta.dirname, 'interop.py'), join(folder, 'every.avsc')], {
      input,
      encoding: 'utf8',
      env: { ...process.env, PYTHONIOENCODING: 'utf8', PYTHONWARNINGS: 'ignore' },
    });

  it('reads every type and logical type as it was meant, and is read back', () => {
    const { seen, written } = parseOutput(run(hexOf(everyValue)));
    expect(seen).toMatchObject({
      nothing: 'None',
      flag: 'True',
      small: '-123456',
      large: '-9007199254740991',
      exact: '9223372036854775807',
      single: '0.5',
      real: '-1.25e-300',
      text: 'żółw 🐢 and ascii',
      suit: 'CLUBS',
      hash: String.raw`b'\x01\x02\x03\x04'`,
      words: "['', 'a', 'ünï']",
      counts: "{'one': 1, 'minus': -1, 'big': 9007199254740991}",
      at: '2026-01-01 00:00:00.123000+00:00',
      at_micros: '2026-01-01 00:00:00.123456+00:00',
      day: '2026-02-28',
      clock: '23:59:59.999000',
      clock_micros: '23:59:59.999999',
      price: '-123456.789',
      fee: '0.05',
      id: '0e37df36-f698-11e6-8dd4-cb9ced3df976',
    });
    guard(every)(written);
    expect(decoder({ writer: every }).decode(written)).toEqual(everyValue);
  });
});
