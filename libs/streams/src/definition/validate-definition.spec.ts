import { describe, expect, it } from '@jest/globals';
import { count, mean, session, sum, topK, tumbling } from '@millrace/windowing';
import * as e from './expression.ts';
import { field, eq } from './expression.ts';
import { validateDefinition } from './validate-definition.ts';

const fields = [
  { name: 'time', type: { type: 'long', logicalType: 'timestamp-millis' }, eventTime: true },
  { name: 'user', type: 'string' },
  { name: 'page', type: ['null', 'string'] },
  { name: 'n', type: 'int' },
  { name: 'seen', type: 'boolean' },
  {
    name: 'items',
    type: {
      type: 'array',
      items: { type: 'record', name: 'Item', fields: [{ name: 'sku', type: 'string' }] },
    },
  },
  { name: 'place', type: { type: 'record', name: 'Place', fields: [{ name: 'lat', type: 'double' }] } },
  { name: 'other', type: 'Item' },
];
const Click = { type: 'record', name: 'Click', fields };
const clicks = { topic: 'clicks', schema: Click, partitionedBy: ['user'] };
const others = { ...clicks, topic: 'others' };
const windowed = { from: 'clicks', by: ['user'], window: tumbling({ sizeMs: 1 }), select: { n: count() } };
const rows = { from: 'clicks', by: ['user'], columns: ['page'] };
const process = {
  ...{ from: 'clicks', module: 'a-package', export: 'code' },
  returns: { type: 'record', name: 'R', fields: [{ name: 'x', type: 'string' }] },
};
const base = { name: 'p', sources: { clicks }, views: { v: windowed } };

const source = (more: object) => ({ ...base, sources: { clicks: { ...clicks, ...more } } });
const view = (more: object) => ({ ...base, views: { v: { ...windowed, ...more } } });
const ofRows = (more: object) => ({ ...base, views: { v: { ...rows, ...more } } });
const code = (more: object) => ({
  ...base,
  processes: { c: { ...process, ...more } },
  views: { v: { ...rows, from: 'c' } },
});
const joined = (join: object, sources: object = { clicks, others }) => ({
  ...base,
  sources,
  joins: { j: { on: ['user'], type: 'inner', ...join } },
  views: { v: { from: 'j', by: ['user'], columns: ['eventTime'] } },
});
const streams = { left: 'clicks', right: 'others', beforeMs: 0, afterMs: 0 };
const where = (condition: unknown) => view({ where: condition });
const derived = (z: unknown) => view({ derive: { z } });

const problemsOf = (definition: unknown) => validateDefinition(definition as never).join('\n');

describe('a definition that says what cannot be', () => {
  it.each([
    [base],
    [ofRows({ columns: ['user', 'page', 'other'] })],
    [code({})],
    [code({ returns: { ...process.returns, fields: [] } })],
    [joined(streams)],
    [joined({ stream: 'clicks', table: 'others' })],
    [joined({ stream: 'clicks', globalTable: 'others', key: ['page'] })],
    [where(eq(field('place.lat'), 1))],
    [where(e.and())],
    [where(e.or(eq(field('page'), null), e.isIn(field('n'), [1, 2])))],
    [derived(e.when(field('seen'), 'yes', null))],
    [derived(e.least(field('user'), field('page')))],
  ])('is taken when all of it can be (%#)', (definition) => {
    expect(problemsOf(definition)).toBe('');
  });

  it.each([
    [view({ by: ['user', 'user'] }), /views\.v\.by: names "user" twice: name it once/],
    [ofRows({ columns: ['page', 'page'] }), /views\.v\.columns: names "page" twice/],
    [source({ partitionedBy: ['user', 'user'] }), /clicks\.partitionedBy: names "user" twice/],
    [view({ sinks: ['a', 'a'] }), /sinks: names "a" twice/],
    [joined({ ...streams, on: ['user', 'user'] }), /joins\.j\.on: names "user" twice/],
    [code({ reads: ['n', 'n'] }), /processes\.c\.reads: names "n" twice/],
    [ofRows({ columns: ['page', 'PAGE'], derive: { PAGE: field('n') } }), /"PAGE" and "page" differ in/],
    [source({ topic: 'a b' }), /sources\.clicks\.topic: "a b" is no topic: Kafka takes 1 to 249 letters/],
    [source({ topic: '' }), /"" is no topic/],
    [source({ topic: '..' }), /"\.\." is no topic/],
    [source({ topic: 'a'.repeat(250) }), /"a+" is no topic/],
    [source({ topic: 'p.v' }), /clicks\.topic: "p\.v" is written by this pipeline itself: read the view by/],
    [source({ topic: 'p.dead-letter' }), /"p\.dead-letter" is written by this pipeline itself/],
    [source({ topic: 'p.clicks.changelog' }), /"p\.clicks\.changelog" is written by this pipeline itself/],
    [
      source({ schema: { ...Click, fields: [...fields, { name: 't', type: 'long', eventTime: true }] } }),
      /clicks\.eventTime: is marked on time and t in the schema: name the field that counts/,
    ],
    [source({ schema: { ...Click, fields: [...fields, { name: 'z', type: 'lon' }] } }), /schema: field "z"/],
    [code({ returns: { ...process.returns, fields: [fields[1], fields[1]] } }), /the field "user" twice/],
    [
      view({ units: { m: 'ms' } }),
      /views\.v\.units: there is no column "m" in select and compute; there are n/,
    ],
    [view({ units: { user: 'ms' } }), /units: there is no column "user"/],
    [view({ units: { n: '' } }), /units: is \{"n":""\}, not an object of texts/],
    [ofRows({ units: { page: 'ms' } }), /units: a view without window has no such setting/],
    [ofRows({ emit: 'onUpdate' }), /emit: a view without window has no such setting/],
    [view({ time: 'time' }), /time: a view with a window has no such setting/],
    [view({ derive: { page: field('user') } }), /derive\.page: the name is taken by another column/],
    [view({ flatten: 'items', derive: { sku: field('user') } }), /derive\.sku: the name is taken/],
    [view({ compute: { windowEnd: field('n') } }), /compute\.windowEnd: the name is taken/],
    [view({ compute: { revision: field('n') } }), /compute\.revision: the name is taken/],
    [
      view({ derive: { toString: field('n') } }),
      /derive\.toString: "toString" is a name that every object has/,
    ],
    [joined({ ...streams, left: 'toString' }), /no source, join or process "toString" to join/],
    [joined({ ...streams, historyMs: 5 }), /joins\.j\.historyMs: a join of streams has no such setting/],
    [joined({ stream: 'clicks', table: 'others', graceMs: 5 }), /graceMs: a join with a table has no such/],
    [
      joined({ stream: 'clicks', globalTable: 'others', beforeMs: 5 }),
      /beforeMs: a join with a global table has no such setting; it has on/,
    ],
    [joined({ ...streams, beforeMs: undefined }), /joins\.j\.beforeMs: is missing: a join of streams has/],
    [joined({ ...streams, left: 'user' }, { user: clicks, others }), /"user" is the name of a side and of a/],
    [view({ select: { n: null } }), /views\.v\.select\.n: is null, not an object/],
    [view({ select: { n: sum('user') } }), /"user" is text and has to be a number: derive toNumber/],
    [view({ select: { n: mean('seen') } }), /"seen" is true or false and has to be a number: derive when/],
    [view({ select: { n: topK('place.lat', 3) } }), /there is no field "place\.lat"/],
    [view({ window: { ...windowed.window, slideMs: 5 } }), /tumbling: there is no setting "slideMs"/],
    [view({ window: session({ gapMs: 'gap' }) }), /window\.gapMs: there is no field "gap"/],
    [view({ window: session({ gapMs: 'user' }) }), /window\.gapMs: "user" is text and has to be a number/],
    [view({ window: session({ gapMs: () => 1 }) }), /window\.gapMs: is a function, which is not data/],
    [view({ panels: [new Date(0)] }), /panels\.0: is a Date, which is not data/],
    [where(eq(field('n'), NaN)), /where\.args\.1\.value: is NaN, which JSON has no number for/],
  ])('is refused with the place, the value and the remedy (%#)', (definition, problem) => {
    expect(problemsOf(definition)).toMatch(problem);
  });

  it('is refused when it lies within itself', () => {
    const condition = { op: 'not', args: [] as unknown[] };
    condition.args.push(condition);
    expect(problemsOf(where(condition))).toMatch(/where\.args\.0: lies within itself/);
  });

  it.each([
    [where({ op: 'eq' }), /where: eq\(\) has no list of operands in `args`/],
    [where({ op: 'eq', args: [field('user')] }), /where: eq\(\) takes 2 operands and has 1/],
    [where({ op: 'eq', args: [field('user'), 'x'] }), /"x" is no expression: make it with literal/],
    [where({ op: 'eq', args: [field('user'), null] }), /null is no expression/],
    [where({ op: 'eq', args: [{ op: 'field' }, field('user')] }), /a field's name is undefined/],
    [where(eq(field('user'), { op: 'literal', value: {} } as never)), /a literal is \{\}: write text/],
    [where(e.isIn(field('user'), [])), /in\(\) takes at least 2 operands and has 1/],
    [
      where({ op: 'in', args: [field('user'), field('page')] }),
      /in\(\) has an operand 2 that is not a value/,
    ],
    [
      where({ op: 'matches', args: [field('user'), field('page')] }),
      /operand 2 that is not text, written out/,
    ],
    [where(e.matches(field('user'), '(')), /matches\(\): Invalid regular expression/],
    [
      derived(e.substring(field('user'), 1.5)),
      /derive\.z: substring\(\) has an operand 2 that is not a whole/,
    ],
    [derived(e.splitPart(field('user'), '/', -1)), /operand 3 that is not a whole number ≥ 0/],
    [derived(e.truncateTime(field('time'), 0)), /operand 2 that is not a number of milliseconds > 0/],
    [derived(e.coalesce()), /coalesce\(\) takes at least 1 operands and has 0/],
    [
      where(eq(field('user'), 5)),
      /eq\(\) has field "user", which is text, beside 5, which is a number: make/,
    ],
    [
      where(e.isIn(field('n'), [1, '2'])),
      /in\(\) has field "n", which is a number, beside "2", which is text/,
    ],
    [derived(e.when(field('seen'), 'x', 5)), /when\(\) has "x", which is text, beside 5/],
    [
      derived(e.when(field('user'), 1, 2)),
      /when\(\) asks whether something is true, and field "user" is text/,
    ],
    [where(e.not(field('user'))), /not\(\) asks whether something is true/],
    [where(eq(field('place.long'), 1)), /"place" has no field "long"; it has lat/],
    [where(eq(field('user.name'), 'x')), /"user" is string, and so has no field "name"/],
    [joined({ ...streams, where: { clicks: eq(field('n'), 'x') } }), /joins\.j\.where: eq\(\) has field "n"/],
  ])('is refused for an expression that has no sense (%#)', (definition, problem) => {
    expect(problemsOf(definition)).toMatch(problem);
  });
});
