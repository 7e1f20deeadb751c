import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { isWindowed } from '../definition/pipeline-definition.ts';
import type { PipelineDefinition } from '../definition/pipeline-definition.ts';
import { StreamsError } from '../errors.ts';
import { diskError } from './disk-error.ts';

export interface DiskStateRequest {
  readonly maxStateBytes?: number | undefined;
  readonly stateDir?: string | undefined;
  readonly workers?: number | undefined;
}

/** Below this there is no room for the arrays of a few windows, so that memory would never be enough. */
const leastBytes = 16 * 1024;
/** Writing half of more would hold a worker up for so long that its group takes it for dead. */
const mostBytes = 128 * 1024 * 1024;

/** Whether something can be written there, before a pipeline relies on it. */
function checkFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true });
    rmdirSync(mkdtempSync(join(dir, 'write-test-')));
  } catch (error) {
    throw diskError('open', dir, error);
  }
}

/** Looks whether a pipeline's state may lie on disk. @throws STREAMS_STATE naming each part of it that may not, or the folder */
export function checkDiskState(definition: PipelineDefinition, request: DiskStateRequest): void {
  const { maxStateBytes, stateDir, workers = 1 } = request;
  if (maxStateBytes === undefined) return;
  const refuse = (message: string): never => {
    throw new StreamsError('STREAMS_STATE', `pipeline "${definition.name}": ${message}`);
  };
  const [least, most] = [leastBytes * workers, mostBytes * workers];
  if (!Number.isInteger(maxStateBytes) || maxStateBytes < least || maxStateBytes > most)
    refuse(
      `maxStateBytes must be a whole number from ${least} to ${most} with ${workers} worker(s), not ${String(maxStateBytes)}`,
    );
  if (stateDir === undefined)
    return refuse('maxStateBytes needs a folder for what memory has no room for; give stateDir');
  if (process.getBuiltinModule('node:sqlite') === undefined)
    refuse(
      `maxStateBytes needs Node's own SQLite, which Node ${process.versions.node} does not have; use Node 24`,
    );
  const kept = keptInMemory(definition);
  if (kept.length > 0)
    refuse(
      `maxStateBytes is given, but these keep all of their state in memory: ${kept.join('; ')}; leave it out`,
    );
  checkFolder(stateDir);
}

/** The parts of a pipeline whose state cannot lie on disk. */
function keptInMemory(definition: PipelineDefinition): string[] {
  const kept: string[] = [];
  for (const [name, view] of Object.entries(definition.views)) {
    if (!isWindowed(view)) continue;
    const { type } = view.window;
    if (type === 'sliding' || type === 'count') kept.push(`view "${name}" (${type} windows)`);
  }
  return kept;
}
