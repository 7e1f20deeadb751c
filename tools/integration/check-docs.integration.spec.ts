import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { checkBlocks } from '../src/check-docs/check.ts';
import { collectBlocks } from '../src/check-docs/collect.ts';
import type { Block } from '../src/check-docs/block.ts';

const root = join(import.meta.dirname, '../..');
// Inside the repository, so that the blocks find its packages.
const results = join(root, 'test-results');
mkdirSync(results, { recursive: true });
const folder = mkdtempSync(join(results, 'check-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const block = (code: string, more: Partial<Block> = {}): Block => ({
  place: code,
  code,
  mode: 'run',
  ...more,
});

describe('check-docs', () => {
  it('finds wrong types, wrong output, wrong values and failures', async () => {
    const blocks = [
      block(
        "import { formatNumber } from '@millrace/views';\nconsole.log(formatNumber(1_250, 'ms')); // 1.25 s",
      ),
      block("const wrong: number = 'text';\nconsole.log(wrong);"),
      block('console.log(1 + 1); // 3'),
      block('1 + 1; // → 3'),
      block("throw new Error('stop');"),
      block("throw new Error('never run');", { mode: 'types' }),
      block("import { expect, it } from '@jest/globals';\nit('is', () => expect(1).toBe(1));", {
        mode: 'jest',
      }),
    ];
    const verdicts = await checkBlocks(root, folder, blocks);
    expect(verdicts.map(({ fault }) => fault === undefined)).toEqual([
      true,
      false,
      false,
      false,
      false,
      true,
      true,
    ]);
  }, 120_000);

  it('finds every example in the documents right', async () => {
    const verdicts = await checkBlocks(root, folder, collectBlocks(root, []));
    expect(verdicts.length).toBeGreaterThan(0);
    expect(
      verdicts
        .filter(({ fault }) => fault !== undefined)
        .map(({ block: { place }, fault }) => [place, fault]),
    ).toEqual([]);
  }, 600_000);
});
