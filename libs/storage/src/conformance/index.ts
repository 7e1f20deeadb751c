import type { StorageAdapter } from '../contract.ts';
import { modelTests } from './model.ts';
import { readTests } from './reads.ts';
import { refusalTests } from './refusals.ts';
import { schemaTests } from './schemas.ts';
import type { Context, Subject, TestFramework } from './suite.ts';
import { writeTests } from './writes.ts';

export type { Subject, TestFramework } from './suite.ts';

/**
 * Declares the tests that every storage adapter must pass, in the test framework that is handed in.
 *
 * @param subject how to open the adapter; each run wants a `tablePrefix` of its own on a shared service
 */
export function storageConformance(framework: TestFramework, subject: Subject): void {
  const { describe, beforeAll, afterAll } = framework;
  describe(`${subject.name} keeps the storage contract`, () => {
    let adapter: StorageAdapter | undefined;
    beforeAll(async () => {
      adapter = await subject.open();
    });
    afterAll(async () => {
      await adapter?.close();
    });
    const context: Context = {
      adapter: () => {
        if (adapter === undefined) throw new Error('the adapter was not opened');
        return adapter;
      },
      open: subject.open,
      table: (name, table) => ({ ...table, name: `${subject.tablePrefix ?? 'conf'}_${name}` }),
      space: subject.space ?? `${subject.tablePrefix ?? 'conf'}_space`,
    };
    for (const tests of [schemaTests, writeTests, readTests, refusalTests, modelTests])
      tests(framework, context);
  });
}
