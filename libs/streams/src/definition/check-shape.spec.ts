import { describe, expect, it } from '@jest/globals';
import { count, tumbling } from '@millrace/windowing';
import { DefinitionError } from '../errors.ts';
import { checkDefinition } from './validate-definition.ts';

const Click = {
  type: 'record',
  name: 'Click',
  fields: [
    { name: 'time', type: 'long', eventTime: true },
    { name: 'user', type: 'string' },
  ],
};
const source = { topic: 'clicks', schema: Click };
const view = { from: 'clicks', by: ['user'], window: tumbling({ sizeMs: 1 }), select: { clicks: count() } };
const rows = { from: 'clicks', by: ['user'], columns: ['time'] };
const good = { name: 'clicks', sources: { clicks: source }, views: { users: view } };
const process = { from: 'clicks', module: 'a-package', export: 'code', returns: Click };

function problemsOf(definition: unknown): string {
  try {
    checkDefinition(definition as never);
    return '';
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return error.problems.join('\n');
  }
}
const withSource = (more: object) => ({ ...good, sources: { clicks: { ...source, ...more } } });
const withView = (more: object) => ({ ...good, views: { users: { ...view, ...more } } });

describe('a definition that no compiler has looked at', () => {
  it('is taken when all is where it belongs', () => {
    expect(problemsOf(good)).toBe('');
    expect(problemsOf({ ...good, views: { users: rows } })).toBe('');
    expect(problemsOf(JSON.parse(JSON.stringify(good)))).toBe('');
  });

  it.each([
    [null, /definition: is null, not an object/],
    [{}, /views: there are none/],
    [{ name: 'clicks', views: good.views }, /^sources: there are none/],
    [{ ...good, view: {} }, /^view: there is no such setting; there are name, description, sources/],
    [{ ...good, views: [view] }, /^views: is \[.*, not an object of named objects/],
    [{ ...good, views: { users: null } }, /^views.users: is null, not an object/],
    [{ ...good, joins: { both: 'clicks' } }, /^joins.both: is "clicks", not an object/],
    [{ ...good, processes: { code: { ...process, read: ['user'] } } }, /^processes.code.read: there is no/],
    [
      { ...good, processes: { code: { ...process, returns: { type: 'record', fields: [null] } } } },
      /^processes.code.returns: is .*, not a schema whose fields have names/,
    ],
    [withSource({ outOfOrder: 5 }), /clicks.outOfOrder: there is no such setting; there are .*outOfOrderMs/],
    [withSource({ partitionedBy: 'user' }), /clicks.partitionedBy: is "user", not a list of names/],
    [withSource({ schema: 'Click' }), /clicks.schema: is "Click", not a schema/],
    [withSource({ topic: undefined }), /clicks.topic: names no topic/],
    [withView({ grace: 5 }), /users.grace: there is no such setting; there are .*graceMs/],
    [withView({ by: 'user' }), /users.by: is "user", not a list of names/],
    [withView({ where: 'user = 1' }), /users.where: is "user = 1", not an expression: make it with eq/],
    [withView({ derive: { a: 1 } }), /users.derive: is \{"a":1\}, not an object of expressions/],
    [withView({ select: null }), /users.select: is null, not an object/],
    [withView({ window: undefined }), /users.window: is missing: a view has `window` and `select`, or/],
    [{ ...good, views: { users: { ...rows, columns: undefined } } }, /users.columns: is missing/],
    [withView({ graceMs: '5s' }), /users.graceMs: is "5s", not a number/],
  ])('is refused with the place, the value and the remedy: %j', (definition, problem) => {
    expect(problemsOf(definition)).toMatch(problem);
  });
});
