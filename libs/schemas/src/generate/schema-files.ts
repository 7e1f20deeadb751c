import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { SchemaFile } from './module-text.ts';

export interface SchemaFolder {
  /** The folder's name, which is the pipeline's. */
  readonly name: string;
  /** The schemas as they are now, by file name. */
  readonly current: readonly SchemaFile[];
  /** `NAME.vN.avsc`: what was released, kept for comparison. */
  readonly released: readonly ReleasedFile[];
}

export interface ReleasedFile extends SchemaFile {
  /** The current file's name without `.avsc`. */
  readonly of: string;
  readonly version: number;
}

/** The folders under `root`, sorted by name, with the schemas in them. */
export function schemaFolders(root: string): readonly SchemaFolder[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => folder(root, entry.name))
    .filter(({ current }) => current.length > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function folder(root: string, name: string): SchemaFolder {
  const current: SchemaFile[] = [];
  const released: ReleasedFile[] = [];
  for (const file of readdirSync(join(root, name)).sort()) {
    const match = /^(.+?)(?:\.v(\d+))?\.avsc$/.exec(file);
    if (match === null) continue;
    const absolute = join(root, name, file);
    const entry = {
      path: join(basename(root), relative(root, absolute)),
      text: readFileSync(absolute, 'utf8'),
    };
    if (match[2] === undefined) current.push(entry);
    else released.push({ ...entry, of: match[1] as string, version: Number(match[2]) });
  }
  return { name, current, released: released.sort((a, b) => a.version - b.version) };
}
