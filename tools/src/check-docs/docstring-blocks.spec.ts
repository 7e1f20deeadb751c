import { describe, expect, it } from '@jest/globals';
import { docstringBlocks } from './docstring-blocks.ts';

describe('docstringBlocks', () => {
  it('takes the code of an example, up to the next tag, fenced or not', () => {
    const source = [
      'const x = 1;',
      '/**',
      ' * Adds.',
      ' * @example',
      ' * add(1, 2); // → 3',
      ' * @throws never',
      ' */',
      '/**',
      ' * @example',
      ' * ```ts',
      ' * if (true) {',
      ' *   one();',
      ' * }',
      ' * ```',
      ' */',
      '/** No example here. */',
    ].join('\n');
    expect(docstringBlocks(source, 'a.ts', 'libs/a')).toEqual([
      { place: 'a.ts:4', code: 'add(1, 2); // → 3', mode: 'run', packageFolder: 'libs/a' },
      { place: 'a.ts:9', code: 'if (true) {\n  one();\n}', mode: 'run', packageFolder: 'libs/a' },
    ]);
  });
});
