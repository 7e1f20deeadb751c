import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ServiceError } from '../errors.ts';

/**
 * Finds a program of a Debian package on the path or in `folders`.
 *
 * @throws ServiceError `SERVICES_MISSING` with the command that installs it
 */
export function findProgram(program: string, debianPackage: string, folders: readonly string[] = []): string {
  for (const folder of [...folders, ...(process.env['PATH'] ?? '').split(delimiter)]) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  throw new ServiceError('SERVICES_MISSING', `${program} was not found: apt-get install ${debianPackage}.`);
}
