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
    [{}, /views: is missing: a pipeline has at least name, sources, views/],
    [{ name: 'clicks', views: good.views }, /^sources: is missing/],
    [{ ...good, view: {} }, /^view: a pipeline has no such setting; it has name, description, sources/],
    [{ ...good, views: [view] }, /^views: is \[.*, not an object of named objects/],
    [{ ...good, views: { users: null } }, /^views.users: is null, not an object/],
    [{ ...good, joins: { both: 'clicks' } }, /^joins.both: is "clicks", not an object/],
    [
      { ...good, processes: { code: { ...process, read: ['user'] } } },
      /^processes.code.read: a process has no such setting/,
    ],
    [
      {
        ...good,
        processes: { code: { ...process, returns: { type: 'record', name: 'R', fields: [null] } } },
      },
      /^processes.code.returns: has a field called undefined: write a letter/,
    ],
    [withSource({ outOfOrder: 5 }), /clicks.outOfOrder: a source has no such setting; it has .*outOfOrderMs/],
    [withSource({ partitionedBy: 'user' }), /clicks.partitionedBy: is "user", not a list of names/],
    [withSource({ schema: 'Click' }), /clicks.schema: is "Click", not an Avro record schema/],
    [withSource({ topic: undefined }), /clicks.topic: is missing/],
    [withView({ grace: 5 }), /users.grace: a view with a window has no such setting; it has .*graceMs/],
    [withView({ by: 'user' }), /users.by: is "user", not a list of names/],
    [withView({ where: 'user = 1' }), /users.where: is "user = 1", not an expression: make it with eq/],
    [withView({ derive: { a: 1 } }), /users.derive: is \{"a":1\}, not an object of expressions/],
    [withView({ select: null }), /users.select: is null, not an object/],
    [withView({ window: undefined }), /users.window: is missing/],
    [{ ...good, views: { users: { ...rows, columns: undefined } } }, /users.columns: is missing/],
    [withView({ graceMs: '5s' }), /users.graceMs: is "5s", not a number/],
  ])('is refused with the place, the value and the remedy: %j', (definition, problem) => {
    expect(problemsOf(definition)).toMatch(problem);
  });
});
