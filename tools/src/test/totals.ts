import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

/** Adds up the totals files that test runs have written into `directory` (see jest.totals.js). */
export function readTotals(directory: string): Totals {
  const sum: Totals = { passed: 0, failed: 0, skipped: 0 };
  if (!existsSync(directory)) return sum;
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.json'))) {
    const totals = JSON.parse(readFileSync(join(directory, name), 'utf8')) as Totals;
    sum.passed += totals.passed;
    sum.failed += totals.failed;
    sum.skipped += totals.skipped;
  }
  return sum;
}
