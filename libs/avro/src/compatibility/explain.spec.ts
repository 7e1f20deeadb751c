import { describe, expect, it } from '@jest/globals';
import { parseSchema } from '../parse-schema.ts';
import type { Json } from '../schema.ts';
import { checkCompatibility } from './check-compatibility.ts';

const inRecord = (type: Json): Json => ({ type: 'record', name: 'Order', fields: [{ name: 'f', type }] });
const letters = (...symbols: string[]): Json => ({ type: 'enum', name: 'E', symbols });
const fixed = (name: string, size: number): Json => ({ type: 'fixed', name, size });

function messages(candidate: Json, previous: Json, mode: 'BACKWARD' | 'FORWARD'): string[] {
  const { incompatibilities } = checkCompatibility({
    candidate: parseSchema(candidate),
    previous: [parseSchema(previous)],
    mode,
  });
  return incompatibilities.map(({ message }) => message);
}

describe('the message of an incompatibility', () => {
  it.each<[string, Json, Json, 'BACKWARD' | 'FORWARD', string[]]>([
    [
      'a narrower type',
      'int',
      'long',
      'BACKWARD',
      ['reads int', 'writes long', 'keep the type long', 'add a new field'],
    ],
    [
      'a wider type',
      'long',
      'int',
      'FORWARD',
      ['previous schema reads int', 'new schema writes long', 'keep the type int'],
    ],
    ['a renamed type', fixed('G', 4), fixed('F', 4), 'BACKWARD', ['fixed G', '"aliases": ["F"]']],
    ['a renamed type', fixed('G', 4), fixed('F', 4), 'FORWARD', ['keep the name F']],
    ['another size', fixed('F', 8), fixed('F', 4), 'BACKWARD', ['8 bytes', 'keep 4']],
    ['another size', fixed('F', 8), fixed('F', 4), 'FORWARD', ['new schema 8', 'keep 4']],
    [
      'a dropped symbol',
      letters('A'),
      letters('A', 'B'),
      'BACKWARD',
      ['drops the symbols B', 'give the enum a "default"'],
    ],
    ['a new symbol', letters('A', 'B'), letters('A'), 'FORWARD', ['knows no symbols B', 'in one version']],
    [
      'a dropped branch',
      ['null', 'int'],
      ['null', 'int', 'string'],
      'BACKWARD',
      ['may write string', '(null, int)', 'add string to it'],
    ],
    [
      'a new branch',
      ['null', 'int', 'string'],
      ['null', 'int'],
      'FORWARD',
      ['may write string', 'do not write string here'],
    ],
  ])('names place, fault and fix of %s (%j after %j, %s)', (_, candidate, previous, mode, parts) => {
    const found = messages(inRecord(candidate), inRecord(previous), mode);
    expect(found).toHaveLength(1);
    for (const part of ['Order.f', ...parts]) expect(found[0]).toContain(part);
  });

  it('names the field that is missing, and how to add or drop one', () => {
    const one: Json = { type: 'record', name: 'Order', fields: [] };
    const two: Json = { type: 'record', name: 'Order', fields: [{ name: 'note', type: ['null', 'string'] }] };
    expect(messages(two, one, 'BACKWARD')[0]).toContain('give it a default (null)');
    expect(messages(one, two, 'FORWARD')[0]).toContain(
      'give it a default in one version and drop it in the next',
    );
  });

  it('stays short however many symbols are missing', () => {
    const many = Array.from({ length: 5_000 }, (_, n) => `S${n}`);
    const [message] = messages(letters('A'), letters('A', ...many), 'BACKWARD');
    expect(message).toContain('(5000)');
    expect(message?.length).toBeLessThan(300);
  });
});
