import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AvroSchemaError } from '../errors.ts';
import { parseSchema } from '../parse-schema.ts';
import type { Json, Schema } from '../schema.ts';
import { checkCompatibility, type Incompatibility } from './check-compatibility.ts';
import { COMPATIBILITY_MODES, type CompatibilityMode } from './mode.ts';

const record = (fields: Json, rest = {}): Schema =>
  parseSchema({ type: 'record', name: 'Order', fields, ...rest });
const field = (name: string, type: Json, rest = {}): Json => ({ name, type, ...rest });

function faults(candidate: Schema, previous: Schema[], mode: CompatibilityMode): readonly Incompatibility[] {
  return checkCompatibility({ candidate, previous, mode }).incompatibilities;
}

describe('checkCompatibility', () => {
  const v1 = record([field('id', 'long')]);
  const withTotal = record([field('id', 'long'), field('total', 'double')]);

  it('names the field, the rule and the fix of a new field without default', () => {
    const [fault, ...others] = faults(withTotal, [v1], 'BACKWARD');
    expect(others).toEqual([]);
    expect(fault).toMatchObject({
      path: 'Order.total',
      rule: 'READER_FIELD_MISSING_DEFAULT_VALUE',
      direction: 'backward',
      previous: 0,
    });
    expect(fault?.message).toContain('give it a default');
  });

  it('tells a dropped field apart from a new one by the direction', () => {
    const [fault] = faults(v1, [withTotal], 'FORWARD');
    expect(fault).toMatchObject({ path: 'Order.total', direction: 'forward' });
    expect(fault?.message).toContain('drops the field "total"');
  });

  it('judges only the latest version, unless the mode is transitive', () => {
    const withDefault = record([field('id', 'long'), field('total', 'double', { default: 0 })]);
    const chain = [v1, withDefault];
    expect(faults(withTotal, chain, 'BACKWARD')).toEqual([]);
    expect(faults(withTotal, chain, 'BACKWARD_TRANSITIVE').map(({ previous }) => previous)).toEqual([0]);
    expect(faults(v1, [withTotal, withDefault], 'FULL')).toEqual([]);
    expect(faults(v1, [withTotal, withDefault], 'FULL_TRANSITIVE')).toHaveLength(1);
    expect(faults(parseSchema('"int"'), chain, 'NONE')).toEqual([]);
  });

  it('gives the path through arrays, maps, unions and nested records', () => {
    const nested = (type: Json) =>
      record([
        field('lines', {
          type: 'array',
          items: [
            'null',
            { type: 'record', name: 'Line', fields: [field('tags', { type: 'map', values: type })] },
          ],
        }),
      ]);
    const [fault] = faults(nested('int'), [nested('long')], 'BACKWARD');
    expect(fault).toMatchObject({ path: 'Order.lines[]<Line>.tags{}', rule: 'TYPE_MISMATCH' });
    expect(fault?.message).toContain('keep the type long');
  });

  it('follows recursive types to their faults and comes to an end', () => {
    const tree = (...extra: Json[]) => record([field('kids', { type: 'array', items: 'Order' }), ...extra]);
    expect(faults(tree(field('n', 'int', { default: 0 })), [tree()], 'FULL_TRANSITIVE')).toEqual([]);
    const found = faults(tree(field('n', 'int')), [tree()], 'BACKWARD');
    expect(found.map(({ path }) => path)).toEqual(['Order.n']);
  });

  it('reports each kind of fault under its rule', () => {
    const of = (reader: Json, writer: Json) =>
      faults(parseSchema(JSON.stringify(reader)), [parseSchema(JSON.stringify(writer))], 'BACKWARD').map(
        ({ rule }) => rule,
      );
    const letters = (...symbols: string[]): Json => ({ type: 'enum', name: 'E', symbols });
    expect(of('int', 'long')).toEqual(['TYPE_MISMATCH']);
    expect(of(letters('A'), letters('A', 'B'))).toEqual(['MISSING_ENUM_SYMBOLS']);
    expect(of({ ...(letters('A') as object), default: 'A' }, letters('A', 'B'))).toEqual([]);
    expect(of({ type: 'fixed', name: 'F', size: 1 }, { type: 'fixed', name: 'F', size: 2 })).toEqual([
      'FIXED_SIZE_MISMATCH',
    ]);
    expect(of({ type: 'fixed', name: 'F', size: 1 }, { type: 'fixed', name: 'G', size: 1 })).toEqual([
      'NAME_MISMATCH',
    ]);
    expect(of(['null', 'int'], ['null', 'string'])).toEqual(['MISSING_UNION_BRANCH']);
    expect(of([], 'int')).toEqual(['MISSING_UNION_BRANCH']);
  });

  it('reads every schema’s own data in every mode', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const type = fc.letrec<{ type: Json }>((tie) => ({
      type: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'),
        tie('type').map((items) => ({ type: 'array', items }) as Json),
        tie('type').map((values) => ({ type: 'map', values }) as Json),
        fc.uniqueArray(fc.constantFrom('null', 'int', 'string', 'Order')) as fc.Arbitrary<Json>,
      ),
    })).type;
    const fields = fc.uniqueArray(fc.tuple(name, type), { selector: ([key]) => key });
    fc.assert(
      fc.property(fields, fc.constantFrom(...COMPATIBILITY_MODES), (list, mode) => {
        const json = list.map(([key, value]) => field(key, value));
        expect(faults(record(json), [record(json), record(json)], mode)).toEqual([]);
      }),
    );
  });

  it('agrees with itself: FULL holds exactly when BACKWARD and FORWARD do', () => {
    const type = fc.constantFrom<Json>('int', 'long', 'string', 'bytes', ['null', 'int'], ['null', 'long']);
    const fields = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.tuple(type, fc.boolean()));
    const make = (shape: Record<string, [Json, boolean]>) =>
      record(
        Object.entries(shape).map(([key, [kind, hasDefault]]) => {
          const value = Array.isArray(kind) ? null : kind === 'string' || kind === 'bytes' ? '' : 0;
          return field(key, kind, hasDefault ? { default: value } : {});
        }),
      );
    fc.assert(
      fc.property(fields, fields, (left, right) => {
        const ok = (mode: CompatibilityMode) => faults(make(left), [make(right)], mode).length === 0;
        expect(ok('FULL')).toBe(ok('BACKWARD') && ok('FORWARD'));
      }),
    );
  });

  it('compares schemas that recurse deeper than the stack, and refuses those that take too long', () => {
    const ring = (size: number, aliases: string[]): Schema =>
      parseSchema(
        Array.from({ length: size }, (_, n) => n).map((n) => ({
          type: 'record',
          name: `T${size}_${n}`,
          aliases,
          fields: n === 0 ? [] : [field('next', `T${size}_${n - 1}`)],
        })),
      );
    const against = (writers: number, readers: number) => {
      const names = Array.from({ length: writers }, (_, n) => `T${writers}_${n}`);
      return faults(ring(readers, names), [ring(writers, [])], 'BACKWARD');
    };
    expect(against(211, 210)).toEqual([]);
    expect(() => against(997, 500)).toThrow(AvroSchemaError);
  });
});
