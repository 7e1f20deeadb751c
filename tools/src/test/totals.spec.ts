import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readTotals } from './totals.ts';

describe('the totals of all projects', () => {
  it('are added up, and keep which test of which project failed and what it said', () => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-totals-'));
    const write = (name: string, totals: object) =>
      writeFileSync(join(directory, name), JSON.stringify(totals));
    write('avro.test.json', { passed: 3, failed: 0, skipped: 1, failures: [] });
    write('streams.integration.json', {
      ...{ passed: 2, failed: 1, skipped: 0 },
      failures: [{ test: 'a.spec.ts: counts', message: 'Error: 1 is not 2' }],
    });
    expect(readTotals(directory)).toEqual({
      ...{ passed: 5, failed: 1, skipped: 1 },
      failures: [{ test: 'streams.integration a.spec.ts: counts', message: 'Error: 1 is not 2' }],
    });
    rmSync(directory, { recursive: true });
  });

  it('are nothing where no test ran', () => {
    expect(readTotals('/nowhere')).toEqual({ passed: 0, failed: 0, skipped: 0, failures: [] });
  });
});
