import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { idOf, idTimeMs, parseRow, rowFormatter } from './redis-rows.ts';

const seed = Date.now() % 1_000_000;
const timeMs = fc.maxSafeInteger();
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', ' ', '[', ']', '"', '["a"] 0'));
const key = fc.array(fc.oneof(text, fc.integer()), { maxLength: 3 }).map((values) => JSON.stringify(values));
const compare = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));
const runs = { seed, numRuns: 1_000 };

describe(`the names of rows in Redis (seed ${seed})`, () => {
  it('of one key sort by time, and give the time back', () => {
    fc.assert(
      fc.property(key, timeMs, timeMs, (name, one, other) => {
        expect(Math.sign(compare(idOf(name, one), idOf(name, other)))).toBe(Math.sign(one - other));
        expect(idTimeMs(idOf(name, one))).toBe(one);
      }),
      runs,
    );
  });

  it('of another key never lie among those of a key', () => {
    fc.assert(
      fc.property(key, key, timeMs, (one, other, at) => {
        fc.pre(one !== other);
        const id = idOf(other, at);
        const isAmong =
          compare(idOf(one, Number.MIN_SAFE_INTEGER), id) <= 0 &&
          compare(id, idOf(one, Number.MAX_SAFE_INTEGER)) <= 0;
        expect(isAmong).toBe(false);
        // What a removal takes for the names of a key.
        expect(compare(`${one} `, id) <= 0 && compare(id, `${one}!`) < 0).toBe(false);
      }),
      runs,
    );
  });
});

describe('a row in Redis', () => {
  const table = {
    name: 'rows',
    columns: [
      { name: 'page', type: 'string', nullable: false },
      { name: 'data', type: 'json', nullable: true },
    ],
    key: ['page'],
  } as const;
  const format = rowFormatter(table);

  it('holds its columns, and nothing else that the object has', () => {
    expect(JSON.parse(format({ page: '/', data: { page: [1] }, other: 1 }))).toEqual({
      page: '/',
      data: { page: [1] },
    });
    expect(parseRow(table, format({ page: '/' }))).toEqual({ page: '/', data: null });
    expect(parseRow(table, '{"page":"/","was":5}')).toEqual({ page: '/', data: null });
  });

  it('is not what an object of its own kind says that it is', () => {
    class Sly {
      readonly page = '/';
      toJSON(): string {
        return 'something else';
      }
    }
    expect(parseRow(table, format(new Sly() as never))).toEqual({ page: '/', data: null });
  });
});
