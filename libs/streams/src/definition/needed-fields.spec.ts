import { describe, expect, it } from '@jest/globals';
import { count, tumbling } from '@millrace/windowing';
import { fieldsOfInput } from './needed-fields.ts';
import type { PipelineDefinition, ProcessDefinition, ViewDefinition } from './pipeline-definition.ts';

const record = (name: string, names: readonly string[]) =>
  ({ type: 'record', name, fields: names.map((field) => ({ name: field, type: 'string' })) }) as const;
const all = ['time', 'user', 'agent', 'page', 'notes'];
const process = (more: Partial<ProcessDefinition>): ProcessDefinition => ({
  ...{ from: 'clicks', module: 'a-package', export: 'code', returns: record('Device', ['device']) },
  ...more,
});
const counted = (from: string, by: readonly string[]): ViewDefinition => ({
  ...{ from, by, window: tumbling({ sizeMs: 1_000 }), select: { clicks: count() } },
});
const fieldsOf = (processes: PipelineDefinition['processes'], views: PipelineDefinition['views']) =>
  fieldsOfInput(
    {
      name: 'clicks',
      sources: { clicks: { topic: 'clicks', schema: record('Click', all) } },
      ...(processes && { processes }),
      views,
    },
    'clicks',
    all,
  );

describe('the fields that are decoded of a source', () => {
  it('are all where own code reads it that names none', () => {
    expect(fieldsOf({ seen: process({}) }, { devices: counted('seen', ['device']) })).toEqual(all);
  });

  it('are those that own code names, and those that views read behind it beside what it returned', () => {
    const seen = process({ reads: ['agent'] });
    expect(fieldsOf({ seen }, { devices: counted('seen', ['device', 'page']) })).toEqual(['agent', 'page']);
    const views = { devices: counted('seen', ['device']), users: counted('clicks', ['user']) };
    expect(fieldsOf({ seen }, views)).toEqual(['user', 'agent']);
  });

  it('are also those that own code behind it reads, all if it names none', () => {
    const returns = record('Kind', ['kind']);
    const behind = (reads?: readonly string[]) => ({
      seen: process({ reads: ['agent'] }),
      kinds: process({ from: 'seen', returns, ...(reads && { reads }) }),
    });
    const views = { kinds: counted('kinds', ['kind']) };
    expect(fieldsOf(behind(['device', 'page']), views)).toEqual(['agent', 'page']);
    expect(fieldsOf(behind(), views)).toEqual(all);
  });

  it('are the keys and what it names where own code has state: nothing else stands beside what it returns', () => {
    const seen = process({ reads: ['agent'], by: ['user'] });
    expect(fieldsOf({ seen }, { devices: counted('seen', ['device', 'user']) })).toEqual(['user', 'agent']);
  });
});
