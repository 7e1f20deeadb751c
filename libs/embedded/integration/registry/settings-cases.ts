import { expect } from '@jest/globals';
import type { ConformanceCase } from './conformance-case.ts';
import { record, textOf, versionsPath } from './registry-api.ts';

const GLOBAL = 'it changes settings for all subjects';

export const settingsCases: readonly ConformanceCase[] = [
  {
    name: 'has a compatibility level of its own for a subject, which can be taken back',
    async run(api) {
      const subject = api.name();
      await api.refused(40408, 'GET', `/config/${subject}`);
      expect(await api.ok('GET', `/config/${subject}?defaultToGlobal=true`)).toHaveProperty(
        'compatibilityLevel',
      );
      expect(await api.ok('PUT', `/config/${subject}`, { compatibility: 'FULL' })).toEqual({
        compatibility: 'FULL',
      });
      expect(await api.ok('GET', `/config/${subject}`)).toMatchObject({ compatibilityLevel: 'FULL' });
      expect(await api.ok('DELETE', `/config/${subject}`)).toMatchObject({ compatibilityLevel: 'FULL' });
      await api.refused(40408, 'GET', `/config/${subject}`);
    },
  },
  {
    name: 'answers 40401 when there is no config or mode of a subject to take back',
    async run(api) {
      await api.refused(40401, 'DELETE', `/config/${api.name()}`);
      await api.refused(40401, 'DELETE', `/mode/${api.name()}`);
    },
  },
  {
    name: 'refuses unknown compatibility levels with 42203 and unknown modes with 42204',
    async run(api) {
      await api.refused(42203, 'PUT', `/config/${api.name()}`, { compatibility: 'SOMETIMES' });
      await api.refused(42204, 'PUT', `/mode/${api.name()}`, { mode: 'SOMETIMES' });
    },
  },
  {
    name: 'takes nothing for a subject that is read-only (42205), reads and checks still work',
    async run(api) {
      const subject = api.name();
      await api.register(subject, record('R', 'a'));
      await api.refused(40409, 'GET', `/mode/${subject}`);
      expect(await api.ok('PUT', `/mode/${subject}`, { mode: 'READONLY' })).toEqual({ mode: 'READONLY' });
      expect(await api.ok('GET', `/mode/${subject}`)).toEqual({ mode: 'READONLY' });
      const body = { schema: textOf(record('R', 'a', 'b=')) };
      await api.refused(42205, 'POST', versionsPath(subject), body);
      await api.refused(42205, 'DELETE', `/subjects/${subject}`);
      await api.refused(42205, 'PUT', `/config/${subject}`, { compatibility: 'NONE' });
      expect(await api.ok('GET', versionsPath(subject))).toEqual([1]);
      expect(await api.ok('DELETE', `/mode/${subject}`)).toEqual({ mode: 'READONLY' });
      await api.register(subject, body.schema);
    },
  },
  {
    name: 'takes ids and versions from elsewhere in mode IMPORT only',
    async run(api) {
      const subject = api.name();
      const schema = textOf(record(`I${api.name('').replaceAll('-', '_')}`, 'a'));
      const id = 1_000_000_000 + Math.floor(Math.random() * 1_000_000_000);
      await api.refused(42205, 'POST', versionsPath(subject), { schema, id, version: 7 });
      await api.ok('PUT', `/mode/${subject}`, { mode: 'IMPORT' });
      expect(await api.ok('POST', versionsPath(subject), { schema, id, version: 7 })).toMatchObject({ id });
      expect(await api.ok('GET', `${versionsPath(subject)}/latest`)).toMatchObject({ id, version: 7 });
    },
    exclusive: 'ids of later schemas go on from the imported one',
  },
  {
    name: 'has a compatibility level for all subjects, BACKWARD to begin with',
    exclusive: GLOBAL,
    async run(api) {
      expect(await api.ok('GET', '/config')).toEqual({ compatibilityLevel: 'BACKWARD' });
      expect(await api.ok('PUT', '/config', { compatibility: 'NONE' })).toEqual({ compatibility: 'NONE' });
      try {
        const subject = api.name();
        await api.register(subject, '"int"');
        await api.register(subject, '"string"');
        expect(await api.ok('GET', `/config/${subject}?defaultToGlobal=true`)).toEqual({
          compatibilityLevel: 'NONE',
        });
      } finally {
        expect(await api.ok('DELETE', '/config')).toEqual({ compatibilityLevel: 'NONE' });
      }
      expect(await api.ok('GET', '/config')).toEqual({ compatibilityLevel: 'BACKWARD' });
    },
  },
  {
    name: 'has a mode for all subjects, which READONLY_OVERRIDE makes stronger than theirs',
    exclusive: GLOBAL,
    async run(api) {
      const subject = api.name();
      expect(await api.ok('GET', '/mode')).toEqual({ mode: 'READWRITE' });
      await api.ok('PUT', `/mode/${subject}`, { mode: 'READWRITE' });
      await api.ok('PUT', '/mode', { mode: 'READONLY' });
      try {
        await api.register(subject, '"int"');
        await api.refused(42205, 'POST', versionsPath(api.name()), { schema: '"int"' });
        await api.ok('PUT', '/mode', { mode: 'READONLY_OVERRIDE' });
        await api.refused(42205, 'POST', versionsPath(subject), { schema: '"long"' });
      } finally {
        await api.ok('DELETE', '/mode');
      }
      expect(await api.ok('GET', '/mode')).toEqual({ mode: 'READWRITE' });
    },
  },
];
