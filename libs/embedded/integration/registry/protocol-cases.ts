import { expect } from '@jest/globals';
import type { ConformanceCase } from './conformance-case.ts';
import { versionsPath } from './registry-api.ts';

const V1 = 'application/vnd.schemaregistry.v1+json';

export const protocolCases: readonly ConformanceCase[] = [
  {
    name: 'answers in JSON for those who ask for it',
    async run(api) {
      const { type } = await api.call('GET', '/subjects', undefined, { accept: 'application/json' });
      expect(type).toBe('application/json');
    },
  },
  {
    name: 'answers in its own media type otherwise, errors too',
    async run(api) {
      expect((await api.call('GET', '/subjects')).type).toBe(V1);
      const weighted = { accept: `application/json;q=0.5, ${V1}` };
      expect((await api.call('GET', '/subjects', undefined, weighted)).type).toBe(V1);
      expect((await api.call('GET', '/schemas/ids/2000000000')).type).toBe(V1);
    },
  },
  {
    name: 'refuses media types that it does not have: 406 and 415',
    async run(api) {
      expect((await api.call('GET', '/subjects', undefined, { accept: 'text/html' })).status).toBe(406);
      const xml = { 'content-type': 'text/xml' };
      expect((await api.call('POST', versionsPath(api.name()), '<a/>', xml)).status).toBe(415);
    },
  },
  {
    name: 'takes bodies as application/json and as its other media types',
    async run(api) {
      for (const type of ['application/json', 'application/vnd.schemaregistry+json', V1]) {
        const answer = await api.call(
          'POST',
          versionsPath(api.name()),
          { schema: '"int"' },
          { 'content-type': type },
        );
        expect([type, answer.status]).toEqual([type, 200]);
      }
    },
  },
  {
    name: 'answers a body that is not JSON with 400',
    async run(api) {
      expect((await api.call('POST', versionsPath(api.name()), '{"schema":')).status).toBe(400);
    },
  },
  {
    name: 'answers a body without schema with 42201',
    async run(api) {
      await api.refused(42201, 'POST', versionsPath(api.name()), {});
    },
  },
  {
    name: 'names the schema types that it holds, Avro among them',
    async run(api) {
      expect(await api.ok<string[]>('GET', '/schemas/types')).toContain('AVRO');
    },
  },
  {
    name: 'answers unknown paths with 404 and an error in JSON',
    async run(api) {
      await api.refused(404, 'GET', '/nothing-here');
    },
  },
];
