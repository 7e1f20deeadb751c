import { describe, expect, it } from '@jest/globals';
import { collect, count, distinct, last, session, tumbling } from '@millrace/windowing';
import { needsRepartition } from '../topology/topology.ts';
import { compileExpression } from './compile-expression.ts';
import { concat, eq, field, mask, when } from './expression.ts';
import type { PipelineDefinition, ViewDefinition } from './pipeline-definition.ts';
import { validateDefinition } from './validate-definition.ts';

const person = {
  type: 'record',
  name: 'Person',
  fields: [
    { name: 'time', type: 'long', eventTime: true },
    { name: 'email', type: 'string', pii: true },
    { name: 'country', type: 'string' },
    {
      name: 'home',
      type: { type: 'record', name: 'Home', fields: [{ name: 'street', type: 'string', pii: true }] },
    },
  ],
} as const;
const window = tumbling({ sizeMs: 1000 });
const select = { people: count() };

function define(view: ViewDefinition): PipelineDefinition {
  const people = { topic: 'people', schema: person, partitionedBy: ['email'] } as const;
  return { name: 'people', sources: { people }, views: { view } };
}
const problems = (view: ViewDefinition) => validateDefinition(define(view));

describe('a view of a source with fields about people', () => {
  it.each([
    ['groups by one', { from: 'people', by: ['email'], window, select }, 'views.view.by: "email"'],
    ['lists one', { from: 'people', by: ['country'], columns: ['email'] }, 'views.view.columns: "email"'],
    [
      'keeps the last one',
      { from: 'people', window, select: { who: last('email') } },
      'views.view.select.who: "email"',
    ],
    [
      'collects a record that holds one',
      { from: 'people', window, select: { homes: collect('home', { limit: 3 }) } },
      'views.view.select.homes: "home"',
    ],
    [
      'derives text from one',
      { from: 'people', derive: { who: concat('<', field('email'), '>') }, by: ['who'], window, select },
      'views.view.by: "who"',
    ],
    [
      'derives it over two steps, from a nested one',
      {
        from: 'people',
        derive: {
          street: concat(field('home.street')),
          who: when(eq(field('country'), 'US'), field('street'), ''),
        },
        by: ['who'],
        window,
        select,
      },
      'views.view.by: "who"',
    ],
  ] as [string, ViewDefinition, string][])('is refused where it %s', (_what, view, place) => {
    const found = problems(view);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(place);
    expect(found[0]).toContain('mask(field(');
  });

  it('may count, compare and mask them', () => {
    const derive = {
      person: mask(field('email')),
      staff: eq(field('email'), 'staff@example.org'),
      kind: when(eq(field('email'), ''), 'unknown', 'known'),
    };
    expect(
      problems({
        from: 'people',
        derive,
        by: ['person', 'staff', 'kind'],
        window,
        select: { people: distinct('email') },
      }),
    ).toEqual([]);
  });

  it('needs no repartition where it groups by the mask of what partitions its source', () => {
    const view = { from: 'people', derive: { person: mask(field('email')) }, by: ['person'] } as const;
    const sessions = { ...view, window: session({ gapMs: 1000 }), select };
    expect(needsRepartition(define(sessions), sessions)).toBe(false);
    expect(problems(sessions)).toEqual([]);
    const others = { ...sessions, derive: { person: mask(field('country')) } };
    expect(needsRepartition(define(others), others)).toBe(true);
  });
});

describe('mask', () => {
  const of = (value: unknown) => compileExpression(mask(field('a')))({ a: value });

  it('is the same for the same value, another for another, and null for null', () => {
    expect(of('ann@example.org')).toBe(of('ann@example.org'));
    expect(of('ann@example.org')).not.toBe(of('bob@example.org'));
    expect(of('ann@example.org')).toMatch(/^pii:[\w-]{22}$/);
    expect(of(of('ann@example.org'))).toBe(of('ann@example.org'));
    expect(of(null)).toBeNull();
  });

  it('depends on the key', () => {
    const before = of('ann@example.org');
    process.env['MILLRACE_PII_KEY'] = 'another';
    try {
      expect(of('ann@example.org')).not.toBe(before);
    } finally {
      delete process.env['MILLRACE_PII_KEY'];
    }
  });
});
