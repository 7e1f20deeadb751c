import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
  failures: Failure[];
}

/** A test that failed, or a file that could not be run, and what it says. */
export interface Failure {
  /** The file and the test's full name. */
  test: string;
  message: string;
}

/** Adds up the totals files that test runs have written into `directory` (see jest.totals.js). */
export function readTotals(directory: string): Totals {
  const sum: Totals = { passed: 0, failed: 0, skipped: 0, failures: [] };
  if (!existsSync(directory)) return sum;
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.json'))) {
    const totals = JSON.parse(readFileSync(join(directory, name), 'utf8')) as Totals;
    sum.passed += totals.passed;
    sum.failed += totals.failed;
    sum.skipped += totals.skipped;
    const project = basename(name, '.json');
    sum.failures.push(...totals.failures.map((one) => ({ ...one, test: `${project} ${one.test}` })));
  }
  return sum;
}
