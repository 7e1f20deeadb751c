import { expect } from '@jest/globals';
import type { ConformanceCase } from './conformance-case.ts';
import { record, textOf, versionsPath } from './registry-api.ts';

export const subjectCases: readonly ConformanceCase[] = [
  {
    name: 'registers a schema once: the same id under the same and another subject, and a version for each',
    async run(api) {
      const [one, other] = [api.name(), api.name()];
      const schema = record(`R${api.name('').replaceAll('-', '_')}`, 'a');
      const id = await api.register(one, schema);
      expect(await api.register(one, schema)).toBe(id);
      expect(await api.register(other, schema)).toBe(id);
      expect(await api.ok('GET', versionsPath(one))).toEqual([1]);
      const versions = await api.ok<object[]>('GET', `/schemas/ids/${id}/versions`);
      expect(versions).toContainEqual({ subject: one, version: 1 });
      expect(versions).toContainEqual({ subject: other, version: 1 });
    },
  },
  {
    name: 'registers a schema once, however many clients do it at the same time',
    async run(api) {
      const subject = api.name();
      const clients = Array.from({ length: 20 }, () => api.register(subject, record('Same', 'a')));
      expect(new Set(await Promise.all(clients)).size).toBe(1);
      expect(await api.ok('GET', versionsPath(subject))).toEqual([1]);
    },
  },
  {
    name: 'takes a version number only if it is the next one (else 42201), and overwrites none',
    async run(api) {
      const subject = api.name();
      const id = await api.register(subject, record('R', 'a'));
      for (const version of [1, 3]) {
        await api.refused(42201, 'POST', versionsPath(subject), {
          schema: textOf(record('R', 'a', 'b=')),
          version,
        });
      }
      expect(await api.ok('GET', versionsPath(subject))).toEqual([1]);
      expect(await api.ok('GET', `${versionsPath(subject)}/1`)).toMatchObject({ id });
      await api.register(subject, record('R', 'a', 'b='), { version: 2 });
      expect(await api.ok('GET', versionsPath(subject))).toEqual([1, 2]);
    },
  },
  {
    name: 'lists the subjects that have a schema',
    async run(api) {
      const [one, other] = [api.name(), api.name()];
      const id = await api.register(one, record('Shared', 'a'));
      await api.register(other, record('Shared', 'a'));
      const subjects = await api.ok<string[]>('GET', `/schemas/ids/${id}/subjects`);
      expect(subjects).toEqual(expect.arrayContaining([one, other]));
      await api.refused(40403, 'GET', '/schemas/ids/2000000000/subjects');
    },
  },
  {
    name: 'does not count white space as a difference',
    async run(api) {
      const subject = api.name();
      const id = await api.register(subject, record('R', 'a'));
      expect(await api.register(subject, JSON.stringify(record('R', 'a'), null, 4))).toBe(id);
      expect(await api.ok('GET', versionsPath(subject))).toEqual([1]);
    },
  },
  {
    name: 'gives a schema by subject and version, by latest, and by id',
    async run(api) {
      const subject = api.name();
      await api.register(subject, record('R', 'a'));
      const id = await api.register(subject, record('R', 'a', 'b='));
      const latest = await api.ok<{ schema: string }>('GET', `${versionsPath(subject)}/latest`);
      expect(latest).toMatchObject({ subject, version: 2, id });
      expect(JSON.parse(latest.schema)).toEqual(record('R', 'a', 'b='));
      expect(await api.ok('GET', `${versionsPath(subject)}/2`)).toMatchObject({ version: 2, id });
      expect(await api.ok('GET', `${versionsPath(subject)}/-1`)).toMatchObject({ version: 2 });
      expect(await api.ok('GET', `${versionsPath(subject)}/1/schema`)).toEqual(record('R', 'a'));
      const byId = await api.ok<{ schema: string }>('GET', `/schemas/ids/${id}`);
      expect(JSON.parse(byId.schema)).toEqual(record('R', 'a', 'b='));
      expect(await api.ok('GET', `/schemas/ids/${id}/schema`)).toEqual(record('R', 'a', 'b='));
    },
  },
  {
    name: 'looks a schema up without registering it',
    async run(api) {
      const subject = api.name();
      const body = { schema: textOf(record('R', 'a')) };
      await api.refused(40401, 'POST', `/subjects/${subject}`, body);
      const id = await api.register(subject, body.schema);
      expect(await api.ok('POST', `/subjects/${subject}`, body)).toMatchObject({ subject, version: 1, id });
      await api.refused(40403, 'POST', `/subjects/${subject}`, { schema: textOf(record('R', 'z')) });
      expect(await api.ok('GET', versionsPath(subject))).toEqual([1]);
    },
  },
  {
    name: 'answers what is not there with 40401, 40402, 40403',
    async run(api) {
      const subject = api.name();
      await api.refused(40401, 'GET', versionsPath(subject));
      await api.refused(40401, 'GET', `${versionsPath(subject)}/1`);
      await api.refused(40401, 'DELETE', `/subjects/${subject}`);
      await api.refused(40401, 'DELETE', `${versionsPath(subject)}/1`);
      await api.register(subject, '"string"');
      await api.refused(40402, 'GET', `${versionsPath(subject)}/2`);
      await api.refused(40402, 'DELETE', `${versionsPath(subject)}/2`);
      await api.refused(40403, 'GET', '/schemas/ids/2000000000');
    },
  },
  {
    name: 'refuses version numbers that cannot be with 42202',
    async run(api) {
      const subject = api.name();
      await api.register(subject, '"string"');
      for (const version of ['0', '-2', 'x', '1.5', '99999999999']) {
        await api.refused(42202, 'GET', `${versionsPath(subject)}/${version}`);
      }
    },
  },
  {
    name: 'refuses what is no schema with 42201, and takes nothing of it',
    async run(api) {
      const subject = api.name();
      for (const schema of ['{', '"nope"', '{"type":"record","name":"R"}', '["int","int"]']) {
        await api.refused(42201, 'POST', versionsPath(subject), { schema });
      }
      await api.refused(40401, 'GET', versionsPath(subject));
    },
  },
  {
    name: 'refuses an empty schema, and types of schema that it does not know, with 42201',
    async run(api) {
      await api.refused(42201, 'POST', versionsPath(api.name()), { schema: '' });
      await api.refused(42201, 'POST', versionsPath(api.name()), { schema: '"int"', schemaType: 'NOPE' });
    },
  },
  {
    name: 'takes subjects with any printable characters',
    async run(api) {
      for (const odd of ['a/b', 'a b', 'ä→ü', 'a%2Fb', '.dots.', 'q?x=1&y#z']) {
        const subject = `${api.name()}${odd}`;
        await api.register(subject, '"string"');
        expect(await api.ok('GET', `${versionsPath(subject)}/latest`)).toMatchObject({ subject });
        expect(await api.ok<string[]>('GET', '/subjects')).toContain(subject);
      }
    },
  },
  {
    name: 'soft-deletes a subject: hidden, its schemas still there by id, and versions go on counting',
    async run(api) {
      const subject = api.name();
      const id = await api.register(subject, record('R', 'a'));
      const id2 = await api.register(subject, record('R', 'a', 'b='));
      expect(await api.ok('DELETE', `/subjects/${subject}`)).toEqual([1, 2]);
      expect(await api.ok<string[]>('GET', '/subjects')).not.toContain(subject);
      expect(await api.ok<string[]>('GET', '/subjects?deleted=true')).toContain(subject);
      await api.refused(40401, 'GET', versionsPath(subject));
      expect(await api.ok('GET', `${versionsPath(subject)}?deleted=true`)).toEqual([1, 2]);
      expect(await api.ok('GET', `${versionsPath(subject)}/1?deleted=true`)).toMatchObject({ id });
      expect(await api.ok('GET', `/schemas/ids/${id2}`)).toHaveProperty('schema');
      await api.refused(40404, 'DELETE', `/subjects/${subject}`);
      expect(await api.register(subject, record('R', 'a', 'b='))).toBe(id2);
      expect(await api.ok('GET', versionsPath(subject))).toEqual([3]);
    },
  },
  {
    name: 'deletes a subject for good only after it was soft-deleted',
    async run(api) {
      const subject = api.name();
      const id = await api.register(subject, record(`P${api.name('').replaceAll('-', '_')}`, 'a'));
      await api.refused(40405, 'DELETE', `/subjects/${subject}?permanent=true`);
      await api.ok('DELETE', `/subjects/${subject}`);
      expect(await api.ok('DELETE', `/subjects/${subject}?permanent=true`)).toEqual([1]);
      await api.refused(40401, 'GET', `${versionsPath(subject)}?deleted=true`);
      await api.refused(40403, 'GET', `/schemas/ids/${id}`);
    },
  },
  {
    name: 'deletes one version, softly and then for good',
    async run(api) {
      const subject = api.name();
      await api.register(subject, record('R', 'a'));
      await api.register(subject, record('R', 'a', 'b='));
      await api.refused(40407, 'DELETE', `${versionsPath(subject)}/1?permanent=true`);
      expect(await api.ok('DELETE', `${versionsPath(subject)}/1`)).toBe(1);
      expect(await api.ok('GET', versionsPath(subject))).toEqual([2]);
      expect(await api.ok('GET', `${versionsPath(subject)}?deleted=true`)).toEqual([1, 2]);
      await api.refused(40402, 'GET', `${versionsPath(subject)}/1`);
      await api.refused(40406, 'DELETE', `${versionsPath(subject)}/1`);
      expect(await api.ok('DELETE', `${versionsPath(subject)}/1?permanent=true`)).toBe(1);
      expect(await api.ok('GET', `${versionsPath(subject)}?deleted=true`)).toEqual([2]);
      expect(await api.ok('DELETE', `${versionsPath(subject)}/latest`)).toBe(2);
      await api.refused(40401, 'GET', versionsPath(subject));
    },
  },
  {
    name: 'normalises on request, so that schemas written differently are one',
    async run(api) {
      const subject = api.name();
      const first = '{"type":"record","name":"R","namespace":"n","fields":[{"name":"a","type":"int"}]}';
      const second = '{"fields":[{"type":{"type":"int"},"name":"a"}],"name":"n.R","type":"record"}';
      const id = await api.register(subject, first, {}, '?normalize=true');
      expect(await api.register(subject, second, {}, '?normalize=true')).toBe(id);
      const body = { schema: second };
      expect(await api.ok('POST', `/subjects/${subject}?normalize=true`, body)).toMatchObject({
        id,
        version: 1,
      });
      expect(await api.ok('GET', versionsPath(subject))).toEqual([1]);
    },
  },
  {
    name: 'lists subjects by prefix and by page',
    async run(api) {
      const prefix = api.name('page');
      for (const letter of ['a', 'b', 'c']) await api.register(`${prefix}${letter}`, '"string"');
      const list = (query: string) => api.ok('GET', `/subjects?subjectPrefix=${prefix}${query}`);
      expect(await list('')).toEqual([`${prefix}a`, `${prefix}b`, `${prefix}c`]);
      expect(await list('&offset=1&limit=1')).toEqual([`${prefix}b`]);
      expect(await list('&offset=3')).toEqual([]);
    },
  },
];
