import { describe, expect, it } from '@jest/globals';
import type { Block } from './block.ts';
import { moduleText, outputFault, printedLines } from './prepare.ts';

const block = (code: string, more: Partial<Block> = {}): Block => ({
  place: 'a.md:1',
  code,
  mode: 'run',
  ...more,
});

describe('moduleText', () => {
  it('turns arrows into assertions and leaves other comments alone', () => {
    const text = moduleText(
      block('add(1, 2); // → 3\nconst sum = add(2, 2); // → 4\nrest(); // later'),
      undefined,
    );
    expect(text).toContain('check.deepEqual(add(1, 2), 3);');
    expect(text).toContain('const sum = add(2, 2); check.deepEqual(sum, 4);');
    expect(text).toContain('rest(); // later');
  });

  it('imports what an example uses of its own package, once', () => {
    const scope = { name: '@millrace/a', exports: ['add', 'sub', 'addAll'] };
    expect(moduleText(block('x.sub; add(1); "addAll"'), scope)).toContain(
      "import { add } from '@millrace/a';",
    );
    const imports = "import { add } from '@millrace/a';\nadd(1);";
    expect(moduleText(block(imports), scope).match(/import/g)).toHaveLength(1);
  });
});

describe('outputFault', () => {
  it('compares all that is printed with the output shown', () => {
    expect(outputFault(block('', { output: 'one\ntwo' }), 'one\ntwo\n')).toBeUndefined();
    expect(outputFault(block('', { output: 'took … ms' }), 'took 17 ms\n')).toBeUndefined();
    expect(outputFault(block('', { output: 'one' }), 'one\ntwo\n')).toContain('the document says');
    expect(outputFault(block('', { output: 'a.c' }), 'abc')).toContain('the document says');
  });

  it('finds the printed lines of comments in their order', () => {
    const code = "console.log(1); // 1\nfor (const x of y) {\n  console.log('a'); // a\n}";
    expect(printedLines(code)).toEqual(['1', 'a']);
    expect(outputFault(block(code), '1\nother\na\n')).toBeUndefined();
    expect(outputFault(block(code), 'a\n1\n')).toContain('"a"');
    expect(outputFault(block('no(); // comment'), '')).toBeUndefined();
  });
});
