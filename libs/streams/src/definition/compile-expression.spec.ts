import { describe, expect, it } from '@jest/globals';
import { compileExpression, fieldsOf, maxExpressionDepth } from './compile-expression.ts';
import * as e from './expression.ts';
import type { Expression } from './expression.ts';

const run = (expression: Expression, row: Record<string, unknown> = {}) => compileExpression(expression)(row);

describe('an expression', () => {
  it('compares as SQL does: null with anything is null, and null is not true', () => {
    expect(run(e.eq(e.field('a'), 1), { a: 1 })).toBe(true);
    expect(run(e.eq(e.field('a'), 1), { a: 2 })).toBe(false);
    expect(run(e.eq(e.field('a'), 1), { a: null })).toBeNull();
    expect(run(e.neq(e.field('a'), e.field('b')), { a: 1 })).toBeNull();
    expect(run(e.and(e.eq(e.field('a'), 1), true), {})).toBe(false);
    expect(run(e.or(e.isNull(e.field('a')), false), {})).toBe(true);
  });

  it.each([
    [e.lt(1, 2), true],
    [e.lte(2, 2), true],
    [e.gt('b', 'a'), true],
    [e.gte(1, 2), false],
    [e.isIn(3, [1, 2, 3]), true],
    [e.isIn(4, [1, 2, 3]), false],
    [e.not(e.eq(1, 1)), false],
    [e.add(1, 2), 3],
    [e.divide(1, 0), null],
    [e.modulo(7, 4), 3],
    [e.round(2.345, 2), 2.35],
    [e.round(-2.5), -3],
    [e.floor(-1.5), -2],
    [e.abs(-3), 3],
    [e.least(3, null, 1), 1],
    [e.greatest(3, null, 1), 3],
    [e.concat('a', null, 1), 'a1'],
    [e.lower('AbC'), 'abc'],
    [e.upper('AbC'), 'ABC'],
    [e.trim(' a '), 'a'],
    [e.length('abc'), 3],
    [e.substring('abcdef', 2, 4), 'cd'],
    [e.substring('abcdef', 2), 'cdef'],
    [e.splitPart('/a?b=1', '?', 0), '/a'],
    [e.splitPart('/a', '?', 1), null],
    [e.startsWith('abc', 'ab'), true],
    [e.endsWith('abc', 'bc'), true],
    [e.contains('abc', 'x'), false],
    [e.matches('/api/v1', '^/api/'), true],
    [e.coalesce(null, 2, 3), 2],
    [e.when(false, 'a', true, 'b', 'c'), 'b'],
    [e.when(false, 'a', 'c'), 'c'],
    [e.when(false, 'a'), null],
    [e.toNumber('12.5'), 12.5],
    [e.toNumber('x'), null],
    [e.toNumber(' '), null],
    [e.toText(5), '5'],
    [e.truncateTime(-1, 1000), -1000],
    [e.hourOfDay(-1), 23],
    [e.dayOfWeek(0), 4],
    [e.dayOfWeek(-1), 3],
    [e.isoDate(0), '1970-01-01'],
    [e.isoDate(1e20), null],
  ])('%j gives %j', (expression, expected) => {
    expect(run(expression)).toEqual(expected);
  });

  it('reads a field of a nested record, own properties only', () => {
    expect(run(e.field('a.b'), { a: { b: 7 } })).toBe(7);
    expect(run(e.field('a.constructor'), { a: {} })).toBeNull();
    expect(run(e.field('a.b'), { a: null })).toBeNull();
  });

  it('names the fields that it reads', () => {
    expect([...fieldsOf(e.and(e.eq(e.field('a.x'), 1), e.gt(e.field('b'), e.field('a'))))]).toEqual([
      'a',
      'b',
    ]);
  });

  it('is refused when it is nested too deep, has a bad pattern or an unknown operator', () => {
    let deep: Expression = e.field('a');
    for (let i = 0; i <= maxExpressionDepth; i++) deep = e.not(deep);
    expect(() => compileExpression(deep)).toThrow(/nested deeper than 100/);
    expect(() => compileExpression(e.matches('a', '('))).toThrow(/matches\(\)/);
    expect(() => compileExpression({ op: 'toString' as 'eq', args: [] })).toThrow(
      /unknown operator "toString"/,
    );
  });

  it('survives JSON', () => {
    const expression = e.and(e.eq(e.field('a'), 'x'), e.lt(e.field('b'), 3));
    expect(run(JSON.parse(JSON.stringify(expression)), { a: 'x', b: 2 })).toBe(true);
  });
});
