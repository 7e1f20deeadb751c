import type { Block } from './block.ts';

const EXPECTED = /^(\s*)(?!console\.log)(?:const (\w+) = )?(.+?);?\s*\/\/ → (.+)$/;
const PRINTED = /^\s*console\.log\(.*\);?\s*\/\/ (.+)$/;

/** What the block's own comments say it prints: `console.log(x); // this`. */
export function printedLines(code: string): string[] {
  return code.split('\n').flatMap((line) => PRINTED.exec(line)?.[1]?.trim() ?? []);
}

/**
 * The block as a module: `expression; // → value` becomes an assertion, and an `@example` gets imports of the exports
 * of its own package that it mentions.
 */
export function moduleText(
  block: Block,
  exportsOfPackage: { name: string; exports: readonly string[] } | undefined,
): string {
  const body = block.code
    .split('\n')
    .map((line) => {
      const [, indent, name, expression, expected] = EXPECTED.exec(line) ?? [];
      if (expression === undefined) return line;
      const value = name === undefined ? expression : name;
      const keep = name === undefined ? '' : `const ${name} = ${expression}; `;
      return `${indent}${keep}check.deepEqual(${value}, ${expected});`;
    })
    .join('\n');
  const head = body.includes('check.deepEqual(') ? ["import { strict as check } from 'node:assert';"] : [];
  if (exportsOfPackage !== undefined) {
    const imported = new Set(
      [...body.matchAll(/import (?:type )?\{([^}]*)\}/g)].flatMap(([, names = '']) => names.split(/[\s,]+/)),
    );
    const used = exportsOfPackage.exports.filter(
      (name) => !imported.has(name) && new RegExp(`(?<![.\\w$'"])${name}\\b`).test(body),
    );
    if (used.length > 0) head.push(`import { ${used.join(', ')} } from '${exportsOfPackage.name}';`);
  }
  // Without imports or exports it would be a script, in which `await` may not stand alone.
  return [...head, body, 'export {};', ''].join('\n');
}

/** Why the output is not what the document says; undefined if it is. `…` stands for anything within a line. */
export function outputFault(block: Block, stdout: string): string | undefined {
  const lines = stdout.trimEnd().split('\n');
  if (block.output !== undefined) {
    const wanted = block.output.trimEnd().split('\n');
    const same =
      wanted.length === lines.length && wanted.every((line, index) => fits(line, lines[index] as string));
    return same
      ? undefined
      : `it prints\n${stdout.trimEnd()}\nand the document says\n${block.output.trimEnd()}`;
  }
  let at = 0;
  for (const wanted of printedLines(block.code)) {
    while (at < lines.length && !fits(wanted, lines[at] as string)) at++;
    if (at++ === lines.length) return `it prints\n${stdout.trimEnd()}\nwhere the document says "${wanted}"`;
  }
  return undefined;
}

function fits(wanted: string, line: string): boolean {
  const pattern = wanted
    .trimEnd()
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${pattern}$`).test(line.trimEnd());
}
