import { describe, expect, it } from '@jest/globals';
import { webLogs } from '@millrace/pipelines';
import { resultTables, sinkNames } from './tables.ts';

const { traffic, requests_by_path: byPath } = webLogs.views;
const definition = {
  ...webLogs,
  views: { traffic: { ...traffic!, sinks: ['live', 'history'] }, by_path: byPath! },
};

describe('the tables of a sink', () => {
  it('are those of the views that name it; views that name none go to the serving store', () => {
    const { sinks: _, ...unnamed } = byPath!;
    const views = { ...definition.views, by_path: unnamed };
    expect(sinkNames({ ...definition, views })).toEqual(['live', 'history', 'serving']);
    expect([...resultTables({ ...definition, views }, 'serving').values()].map(({ name }) => name)).toEqual([
      'by_path',
    ]);
    expect([...resultTables(definition, 'history').keys()]).toEqual(['web-logs.traffic']);
  });
});
