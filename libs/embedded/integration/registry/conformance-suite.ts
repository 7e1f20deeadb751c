import { expect, it } from '@jest/globals';
import { compatibilityCases } from './compatibility-cases.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { hostileCases } from './hostile-cases.ts';
import { protocolCases } from './protocol-cases.ts';
import { referenceCases } from './reference-cases.ts';
import type { RegistryApi } from './registry-api.ts';
import { settingsCases } from './settings-cases.ts';
import { subjectCases } from './subject-cases.ts';

export const CASES: readonly ConformanceCase[] = [
  ...subjectCases,
  ...referenceCases,
  ...compatibilityCases,
  ...settingsCases,
  ...protocolCases,
  ...hostileCases,
];

/** The suite against a registry that keeps to Confluent's documentation. */
export function testConformance(api: () => RegistryApi): void {
  it.each(CASES.map(({ name, run }) => ({ name, run })))('$name', ({ run }) => run(api()));
}

/**
 * The suite against a registry that departs from it in places, each named with its reason. A departure is a fact to
 * be asserted: where the registry has come to agree, the entry has to go.
 */
export async function testWithDeviations(
  api: RegistryApi,
  deviations: Readonly<Record<string, string>>,
): Promise<void> {
  const unknown = Object.keys(deviations).filter((name) => !CASES.some((one) => one.name === name));
  expect(unknown).toEqual([]);
  const outcomes: Record<string, string> = {};
  for (const { name, exclusive, run } of CASES) {
    if (exclusive !== undefined) continue;
    const error = await run(api).then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    const deviates = deviations[name] !== undefined;
    if (error !== undefined && !deviates) outcomes[name] = `fails: ${error.message}`;
    if (error === undefined && deviates) outcomes[name] = `agrees by now, though listed: ${deviations[name]}`;
  }
  expect(outcomes).toEqual({});
}
