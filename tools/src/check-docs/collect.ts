import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Block } from './block.ts';
import { docstringBlocks } from './docstring-blocks.ts';
import { markdownBlocks } from './markdown-blocks.ts';

/** All blocks of the repository's documents and of its libraries' docstrings, or of those whose path contains a word given. */
export function collectBlocks(root: string, words: readonly string[]): Block[] {
  const { stdout, status, stderr } = spawnSync(
    'git',
    ['ls-files', '-co', '--exclude-standard', '*.md', 'libs/*.ts'],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  if (status !== 0) throw new Error(`git could not list the files of ${root}: ${stderr}`);
  return stdout
    .split('\n')
    .filter((file) => file !== '' && !file.endsWith('.spec.ts') && existsSync(join(root, file)))
    .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
    .flatMap((file) => blocksOf(root, file));
}

function blocksOf(root: string, file: string): Block[] {
  const text = readFileSync(join(root, file), 'utf8');
  if (file.endsWith('.md')) return markdownBlocks(text, file);
  return text.includes('@example') ? docstringBlocks(text, file, file.split('/').slice(0, 2).join('/')) : [];
}
