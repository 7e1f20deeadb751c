import { describe, expect, it } from '@jest/globals';
import { pipelines } from './pipelines.ts';
import { selectPipelines } from './select-pipelines.ts';

describe('selectPipelines', () => {
  it.each([undefined, '', ' , '])('selects all of them for %j', (names) => {
    expect(selectPipelines(names)).toEqual(pipelines);
  });

  it('selects those that are named, once each, in the order of their pages', () => {
    expect(selectPipelines(' web-logs,web-logs').map(({ name }) => name)).toEqual(['web-logs']);
  });

  it('refuses a name that is none, and says which there are', () => {
    expect(() => selectPipelines('web-logs,weblogs')).toThrow(
      expect.objectContaining({
        code: 'PIPELINES_UNKNOWN',
        message: expect.stringMatching(/"weblogs"; there are web-logs/),
      }),
    );
  });
});
