import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { moduleText } from './module-text.ts';
import { schemaFolders } from './schema-files.ts';

export interface GenerateOptions {
  /** Folder of folders of `.avsc` files. */
  readonly from: string;
  /** Folder that gets one module per folder. */
  readonly to: string;
  /** Where the modules import `TypedSchema` from. */
  readonly typedSchemaImport?: string;
}

export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
  /** Whether the file on disk is something else, or not there. */
  readonly stale: boolean;
}

/** The modules of all folders, compared with what is on disk; writes nothing. */
export function generatedFiles({
  from,
  to,
  typedSchemaImport = '@millrace/schemas',
}: GenerateOptions): readonly GeneratedFile[] {
  return schemaFolders(from).map(({ name, current }) => {
    const path = join(to, `${name}.ts`);
    const text = moduleText(current, typedSchemaImport);
    return { path, text, stale: existing(path) !== text };
  });
}

/** Writes the modules that are stale and returns their paths. */
export function generate(options: GenerateOptions): readonly string[] {
  const stale = generatedFiles(options).filter((file) => file.stale);
  for (const { path, text } of stale) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return stale.map(({ path }) => path);
}

function existing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
