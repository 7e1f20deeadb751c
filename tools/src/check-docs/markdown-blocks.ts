import type { Block } from './block.ts';

const FENCE = /^(\s*)```(.*)$/;
const MODES: Readonly<Record<string, Block['mode']>> = {
  '': 'run',
  'no-run': 'types',
  jest: 'jest',
  sketch: 'sketch',
};

/**
 * The ```` ```ts ```` blocks of a Markdown text. A word behind `ts` says what may be done with one: nothing, run it;
 * `no-run`, check its types only; `jest`, run it as a test file; `sketch`, leave it. A ```` ```text ```` block right
 * behind one is what it prints.
 *
 * @throws Error for a word that is none of these, or a block that does not end
 */
export function markdownBlocks(text: string, file: string): Block[] {
  const blocks: Block[] = [];
  let last: { block: Block; endLine: number } | undefined;
  const lines = text.split('\n');
  for (let line = 0; line < lines.length; line++) {
    const open = FENCE.exec(lines[line] as string);
    if (open === null) {
      if ((lines[line] as string).trim() !== '') last = undefined;
      continue;
    }
    const [, indent = '', info = ''] = open;
    const end = lines.findIndex((other, index) => index > line && other.trim() === '```');
    if (end === -1) throw new Error(`${file}:${line + 1}: the code block does not end`);
    const code = lines
      .slice(line + 1, end)
      .map((one) => (one.startsWith(indent) ? one.slice(indent.length) : one))
      .join('\n');
    const [language = '', word = ''] = info.trim().split(/\s+/);
    if (language === 'ts' || language === 'typescript') {
      const mode = MODES[word];
      if (mode === undefined) {
        throw new Error(`${file}:${line + 1}: "ts ${word}" is none of ts, ts no-run, ts jest, ts sketch`);
      }
      const block: Block = { place: `${file}:${line + 1}`, code, mode };
      blocks.push(block);
      last = { block, endLine: end };
    } else {
      if (language === 'text' && last?.block.mode === 'run')
        blocks[blocks.length - 1] = { ...last.block, output: code };
      last = undefined;
    }
    line = end;
  }
  return blocks;
}
