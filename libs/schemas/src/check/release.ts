import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { schemaFolders } from '../generate/schema-files.ts';
import { lastReleased } from './check-schemas.ts';

/** Keeps every schema that differs from its last released version as the next one; returns the new files' paths. */
export function releaseSchemas(root: string): readonly string[] {
  const written: string[] = [];
  for (const folder of schemaFolders(root)) {
    for (const file of folder.current) {
      const last = lastReleased(file, folder);
      if (last?.text === file.text) continue;
      const path = file.path.replace(/\.avsc$/, `.v${(last?.version ?? 0) + 1}.avsc`);
      writeFileSync(join(dirname(root), path), file.text);
      written.push(path);
    }
  }
  return written;
}
