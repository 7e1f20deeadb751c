import type { Block } from './block.ts';

const DOCSTRING = /\/\*\*(?:[^*]|\*(?!\/))*\*\//g;

/** The `@example` parts of the docstrings in a source file, fenced or not. */
export function docstringBlocks(source: string, file: string, packageFolder: string): Block[] {
  const blocks: Block[] = [];
  for (const match of source.matchAll(DOCSTRING)) {
    const firstLine = source.slice(0, match.index).split('\n').length;
    const lines = match[0]
      .replace(/^\/\*\*|\*\/$/g, '')
      .split('\n')
      .map((line) => line.replace(/^\s*\* ?/, ''));
    for (let line = 0; line < lines.length; line++) {
      if (!/^\s*@example\b/.test(lines[line] as string)) continue;
      const after = lines.findIndex((other, index) => index > line && /^\s*@\w/.test(other));
      const body = lines.slice(line + 1, after === -1 ? undefined : after);
      const code = body.filter((one) => !one.trim().startsWith('```')).join('\n');
      blocks.push({ place: `${file}:${firstLine + line}`, code: code.trim(), mode: 'run', packageFolder });
    }
  }
  return blocks;
}
