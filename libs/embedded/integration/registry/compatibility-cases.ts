import { expect } from '@jest/globals';
import type { ConformanceCase } from './conformance-case.ts';
import { record, textOf, versionsPath, type RegistryApi } from './registry-api.ts';

interface Verdict {
  is_compatible: boolean;
  messages?: string[];
}

/** Under each level: what may follow versions [a], [a, b=]. */
const LEVELS: Record<string, { yes: object; no?: object }> = {
  NONE: { yes: { type: 'string' } },
  BACKWARD: { yes: record('R', 'a', 'c='), no: record('R', 'a', 'c') },
  BACKWARD_TRANSITIVE: { yes: record('R', 'a', 'c='), no: record('R', 'a', 'b') },
  FORWARD: { yes: record('R', 'a', 'c'), no: record('R', 'b') },
  FORWARD_TRANSITIVE: { yes: record('R', 'a', 'c'), no: record('R', 'b') },
  FULL: { yes: record('R', 'a', 'b=', 'c='), no: record('R', 'a', 'c') },
  FULL_TRANSITIVE: { yes: record('R', 'a', 'b=', 'c='), no: record('R', 'a', 'b') },
};

async function twoVersions(api: RegistryApi, level: string): Promise<string> {
  const subject = api.name();
  await api.register(subject, record('R', 'a'));
  await api.register(subject, record('R', 'a', 'b='));
  await api.ok('PUT', `/config/${subject}`, { compatibility: level });
  return subject;
}

const levelCases = Object.entries(LEVELS).map(([level, { yes, no }]): ConformanceCase => ({
  name: `under ${level} takes what may follow${no ? ', and refuses the rest with 409' : ''}`,
  async run(api) {
    const subject = await twoVersions(api, level);
    const check = (schema: object) =>
      api.ok<Verdict>('POST', `/compatibility${versionsPath(subject)}`, { schema: textOf(schema) });
    if (no !== undefined) {
      expect((await check(no)).is_compatible).toBe(false);
      const { status } = await api.call('POST', versionsPath(subject), { schema: textOf(no) });
      expect(status).toBe(409);
      expect(await api.ok('GET', versionsPath(subject))).toEqual([1, 2]);
    }
    expect((await check(yes)).is_compatible).toBe(true);
    await api.register(subject, yes);
    expect(await api.ok('GET', versionsPath(subject))).toEqual([1, 2, 3]);
  },
}));

export const compatibilityCases: readonly ConformanceCase[] = [
  ...levelCases,
  {
    name: 'says why, naming field and rule: in the messages of a verbose check, and with the 409',
    async run(api) {
      const subject = await twoVersions(api, 'BACKWARD');
      const body = { schema: textOf(record('R', 'a', 'c')) };
      const path = `/compatibility${versionsPath(subject)}/latest`;
      expect(await api.ok('POST', path, body)).toEqual({ is_compatible: false });
      const verdict = await api.ok<Verdict>('POST', `${path}?verbose=true`, body);
      const message = await api.refused(409, 'POST', versionsPath(subject), body);
      for (const text of [message, verdict.messages?.join(' ')]) {
        expect(text).toContain('READER_FIELD_MISSING_DEFAULT_VALUE');
        expect(text).toContain('"c"');
      }
    },
  },
  {
    name: 'checks against one version, or the latest',
    async run(api) {
      const subject = await twoVersions(api, 'BACKWARD');
      const body = { schema: textOf(record('R', 'a', 'b')) };
      const check = async (version: string) =>
        (await api.ok<Verdict>('POST', `/compatibility${versionsPath(subject)}/${version}`, body))
          .is_compatible;
      expect(await check('1')).toBe(false);
      expect(await check('2')).toBe(true);
      expect(await check('latest')).toBe(true);
      await api.refused(40402, 'POST', `/compatibility${versionsPath(subject)}/9`, body);
    },
  },
  {
    name: 'finds anything compatible with a subject that has no versions',
    async run(api) {
      const path = `/compatibility${versionsPath(api.name())}/latest`;
      expect(await api.ok('POST', path, { schema: '"int"' })).toMatchObject({ is_compatible: true });
    },
  },
  {
    name: 'refuses to check what is no schema with 42201',
    async run(api) {
      const subject = await twoVersions(api, 'BACKWARD');
      await api.refused(42201, 'POST', `/compatibility${versionsPath(subject)}/latest`, { schema: '"nope"' });
    },
  },
  {
    name: 'does not compare with soft-deleted versions',
    async run(api) {
      const subject = await twoVersions(api, 'BACKWARD_TRANSITIVE');
      await api.ok('DELETE', `${versionsPath(subject)}/1`);
      expect(await api.register(subject, record('R', 'a', 'b'))).toBeGreaterThan(0);
    },
  },
];
