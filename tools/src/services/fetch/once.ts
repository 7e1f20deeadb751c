import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Fills `dir` by `fill` unless it is there already. The work is done in a folder beside it that takes the
 * name only when complete, so that a cut download is never taken for a whole one and two runs may race.
 */
export async function once(dir: string, fill: (unfinished: string) => Promise<void>): Promise<void> {
  if (existsSync(dir)) return;
  mkdirSync(dirname(dir), { recursive: true });
  const unfinished = mkdtempSync(join(dirname(dir), '.unfinished-'));
  try {
    await fill(unfinished);
    renameSync(unfinished, dir);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(dir)) throw error;
  }
}
