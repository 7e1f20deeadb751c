import { describe, expect, it } from '@jest/globals';
import { negotiate } from './media-types.ts';

const V1 = 'application/vnd.schemaregistry.v1+json';

describe('negotiate', () => {
  it.each([
    [undefined, V1],
    ['', V1],
    ['*/*', V1],
    ['application/json', 'application/json'],
    [`application/json;q=0.5, ${V1}`, V1],
    [`${V1};q=0.1, application/json;q=0.9`, 'application/json'],
    ['text/html, */*;q=0.1', V1],
    ['application/vnd.schemaregistry+json; q=0.9', 'application/vnd.schemaregistry+json'],
    ['text/html', undefined],
    ['application/json;q=0', undefined],
    ['application/json;q=x', undefined],
  ])('answers %j with %s', (accept, type) => {
    expect(negotiate(accept)).toBe(type);
  });
});
