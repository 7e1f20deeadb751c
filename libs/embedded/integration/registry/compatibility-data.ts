import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { textOf, versionsPath, type RegistryApi } from './registry-api.ts';

interface CompatibilityCase {
  name: string;
  reader: unknown;
  writer?: unknown;
  previous?: unknown[];
  mode: string;
  compatible: boolean;
}

/** Holds the registry to the shared compatibility data: what it would register, and what it registers. */
export async function testCompatibilityData(api: RegistryApi, folder: string): Promise<void> {
  const text = readFileSync(join(folder, 'avro', 'compat.json'), 'utf8');
  const cases = JSON.parse(text) as CompatibilityCase[];
  expect(cases.length).toBeGreaterThan(300);
  for (const {
    name,
    reader,
    writer,
    previous = writer === undefined ? [] : [writer],
    mode,
    compatible,
  } of cases) {
    const subject = api.name();
    await api.ok('PUT', `/config/${subject}`, { compatibility: 'NONE' });
    for (const one of previous) await api.register(subject, JSON.stringify(one));
    await api.ok('PUT', `/config/${subject}`, { compatibility: mode });
    const schema = textOf(JSON.stringify(reader));
    const verdict = await api.ok('POST', `/compatibility${versionsPath(subject)}`, { schema });
    expect([name, verdict]).toEqual([name, { is_compatible: compatible }]);
    // A schema that is there already, as the latest or an earlier version, is not judged again.
    if (previous.some((one) => JSON.stringify(one) === JSON.stringify(reader))) continue;
    const { status } = await api.call('POST', versionsPath(subject), { schema });
    expect([name, status]).toEqual([name, compatible ? 200 : 409]);
  }
}
