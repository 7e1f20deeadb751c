/** `npm run check-docs [-- WORD ...]`: checks the TypeScript in documents and docstrings, or in those whose path contains a word. */
import { join } from 'node:path';
import { checkBlocks } from './check.ts';
import { collectBlocks } from './collect.ts';

const root = join(import.meta.dirname, '../../..');
const words = process.argv.slice(2);
if (words.includes('--help')) {
  console.log(
    'usage: npm run check-docs [-- WORD ...]\n\nruns the ts blocks of *.md files and the @examples of docstrings.',
  );
  process.exit(0);
}

const blocks = collectBlocks(root, words);
const verdicts = await checkBlocks(root, join(root, 'test-results/check-docs'), blocks);
for (const { block, fault } of verdicts) {
  console.log(
    fault === undefined ? `ok    ${block.place}` : `FAULT ${block.place}\n${fault.replace(/^/gm, '      ')}`,
  );
}
const faults = verdicts.filter(({ fault }) => fault !== undefined).length;
console.log(
  `${verdicts.length - faults} right, ${faults} wrong, ${blocks.length - verdicts.length} sketches`,
);
process.exit(faults > 0 ? 1 : 0);
