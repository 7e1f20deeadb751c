import { describe, expect, it } from '@jest/globals';
import { count, tumbling } from '@millrace/windowing';
import { definePipeline } from '../../definition/define-pipeline.ts';
import { checkWorkers } from './check-workers.ts';
import type { WorkersRequest } from './check-workers.ts';

const definition = definePipeline({
  name: 'clicks',
  sources: {
    clicks: {
      topic: 'clicks',
      schema: {
        type: 'record',
        name: 'Click',
        fields: [{ name: 'time', type: 'long', eventTime: true }],
      } as const,
    },
  },
  views: {
    all: { from: 'clicks', by: [], window: tumbling({ sizeMs: 1_000 }), select: { clicks: count() } },
  },
});
const module = { module: 'file:///serdes.js', settings: { url: 'http://127.0.0.1', limits: [1, null] } };
const refusalOf = (request: Partial<WorkersRequest>): string => {
  try {
    checkWorkers(definition, { serdes: module, workers: 2, ...request });
    return 'none';
  } catch (error) {
    expect(error).toMatchObject({ code: 'STREAMS_WORKERS' });
    return (error as Error).message;
  }
};

describe('checkWorkers', () => {
  it('lets plain data pass, and anything with one worker', () => {
    expect(refusalOf({})).toBe('none');
    expect(refusalOf({ tls: { ca: Buffer.from('certificate') } })).toBe('none');
    const serdes = { reader: () => undefined, schemaId: () => Promise.resolve(1) };
    expect(refusalOf({ workers: 1, serdes: serdes as never, now: () => 0 })).toBe('none');
  });

  it.each([0, -1, 1.5, NaN, 257])('refuses %p workers', (workers) => {
    expect(refusalOf({ workers })).toMatch(/from 1 to 256/);
  });

  it('names what cannot go to a thread, and the remedy', () => {
    const serdes = { reader: () => undefined, schemaId: () => Promise.resolve(1) };
    expect(refusalOf({ serdes: serdes as never })).toMatch(/serdes are functions .*registrySerdes/);
    expect(refusalOf({ now: () => 0 })).toMatch(/"now" is a function .*leave it out/);
    expect(refusalOf({ serdes: { ...module, settings: { fetch: () => undefined } } })).toMatch(
      /serdes.settings.fetch is not plain data/,
    );
    expect(refusalOf({ serdes: { ...module, settings: { cache: new Map() } } })).toMatch(
      /serdes.settings.cache/,
    );
    const sasl = { mechanism: 'OAUTHBEARER', token: () => 'secret' } as const;
    expect(refusalOf({ sasl })).toMatch(/sasl.token is not plain data/);
  });
});
