import { describe, expect, it } from '@jest/globals';
import { markdownBlocks } from './markdown-blocks.ts';

const fence = '```';

describe('markdownBlocks', () => {
  it('finds ts blocks, what is to be done with them, and what they print', () => {
    const text = [
      '# Title',
      `${fence}ts`,
      'console.log(1);',
      fence,
      '',
      `${fence}text`,
      '1',
      fence,
      `${fence}sh`,
      'npm test',
      fence,
      `- in a list`,
      `  ${fence}ts no-run`,
      '  one();',
      `  ${fence}`,
      `${fence}ts jest`,
      fence,
      `${fence}ts sketch`,
      fence,
    ].join('\n');
    expect(markdownBlocks(text, 'a.md')).toEqual([
      { place: 'a.md:2', code: 'console.log(1);', mode: 'run', output: '1' },
      { place: 'a.md:13', code: 'one();', mode: 'types' },
      { place: 'a.md:16', code: '', mode: 'jest' },
      { place: 'a.md:18', code: '', mode: 'sketch' },
    ]);
  });

  it('does not take a text block for output when something stands between', () => {
    const text = `${fence}ts\n1;\n${fence}\nAnother matter:\n${fence}text\nx\n${fence}`;
    expect(markdownBlocks(text, 'a.md')[0]).not.toHaveProperty('output');
  });

  it('refuses marks that it does not know, and blocks without an end', () => {
    expect(() => markdownBlocks(`${fence}ts norun\n${fence}`, 'a.md')).toThrow('a.md:1');
    expect(() => markdownBlocks(`x\n${fence}ts\n`, 'a.md')).toThrow('a.md:2');
  });
});
