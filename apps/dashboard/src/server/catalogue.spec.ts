import { describe, expect, it } from '@jest/globals';
import { webLogs } from '@millrace/pipelines';
import type { PipelineDefinition } from '@millrace/streams';
import { catalogueOf } from './catalogue.ts';

describe('catalogueOf', () => {
  const { pipelines, views } = catalogueOf([webLogs]);

  it('has what a page, a topic reader and a store need of every view', () => {
    expect(pipelines.map(({ name, views: served }) => [name, served.map((view) => view.name)])).toEqual([
      ['web-logs', Object.keys(webLogs.views)],
    ]);
    expect(views.get('requests_by_path')).toMatchObject({
      pipeline: 'web-logs',
      topic: 'web-logs.requests_by_path',
      keyColumns: ['path'],
      windowMs: 10_000,
      table: { name: 'requests_by_path', key: ['path'], time: 'windowStart' },
    });
  });

  it('is plain JSON, as the API gives it', () => {
    expect(JSON.parse(JSON.stringify(pipelines))).toEqual(pipelines);
  });

  it('does not tell where own code lies', () => {
    const returns = { type: 'record', name: 'Device', fields: [{ name: 'device', type: 'string' }] } as const;
    const process = { from: 'logs', module: 'file:///srv/secret/devices.ts', export: 'deviceOf', returns };
    const [served] = catalogueOf([{ ...webLogs, processes: { seen: process } }]).pipelines;
    expect(JSON.stringify(served)).not.toMatch(/secret|devices\.ts/);
    expect(served?.definition).toMatchObject({ processes: { seen: { from: 'logs', export: 'deviceOf' } } });
  });

  it('says of each chart how windows become one: counts are added, quantiles are not', () => {
    const combine = (y: string) =>
      views.get('traffic')?.panels.find((panel) => panel.type === 'timeSeries' && panel.y[0] === y);
    expect(combine('requests')).toMatchObject({ combine: 'sum' });
    expect(combine('p50_ms')).toMatchObject({ combine: 'max' });
    expect(combine('error_rate')).toMatchObject({ combine: 'mean' });
  });

  it('refuses two views of one name, naming both pipelines', () => {
    const other: PipelineDefinition = { ...webLogs, name: 'other' };
    expect(() => catalogueOf([webLogs, other])).toThrow(/web-logs.*other/);
  });
});
