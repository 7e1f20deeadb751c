import { expect } from '@jest/globals';
import type { ConformanceCase } from './conformance-case.ts';
import { record, versionsPath, type RegistryApi } from './registry-api.ts';

/** Whatever came before, the next client is served. */
async function stillServes(api: RegistryApi): Promise<void> {
  expect(await api.register(api.name(), record('R', 'a'))).toBeGreaterThan(0);
}

const nested = (levels: number) => '{"type":"array","items":'.repeat(levels) + '"int"' + '}'.repeat(levels);

export const hostileCases: readonly ConformanceCase[] = [
  {
    name: 'refuses a schema nested 20,000 deep',
    async run(api) {
      await api.refused(42201, 'POST', versionsPath(api.name()), { schema: nested(20_000) });
      await stillServes(api);
    },
  },
  {
    name: 'refuses a body nested 100,000 deep',
    async run(api) {
      const body = `{"schema":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
      const { status } = await api.call('POST', versionsPath(api.name()), body);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      await stillServes(api);
    },
  },
  {
    name: 'refuses a schema of 10 MB, and one that no record of a topic would hold',
    async run(api) {
      const doc = (bytes: number) => ({ schema: `{"type":"string","doc":"${'x'.repeat(bytes)}"}` });
      for (const bytes of [2 * 2 ** 20, 10 * 2 ** 20]) {
        const { status } = await api.call('POST', versionsPath(api.name()), doc(bytes));
        expect([413, 422]).toContain(status);
      }
      await stillServes(api);
    },
  },
  {
    name: 'refuses subjects that are too long or have control characters with 42208',
    async run(api) {
      await api.refused(42208, 'POST', versionsPath('s'.repeat(2_000)), { schema: '"int"' });
      await api.refused(42208, 'POST', versionsPath(`a\u0000b`), { schema: '"int"' });
      const { status } = await api.call('POST', versionsPath('s'.repeat(100_000)), { schema: '"int"' });
      expect(status).toBeGreaterThanOrEqual(400);
      await stillServes(api);
    },
  },
  {
    name: 'keeps names from prototypes what they are: names',
    async run(api) {
      for (const odd of ['__proto__', 'constructor', 'toString']) {
        await api.refused(40408, 'GET', `/config/${odd}`);
        await api.refused(40401, 'GET', versionsPath(odd));
      }
      const polluting = '{"__proto__":{"schema":"\\"int\\""}}';
      expect((await api.call('POST', versionsPath(api.name()), polluting)).status).toBe(422);
      await stillServes(api);
    },
  },
];
