import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PipelineDefinition } from '../definition/pipeline-definition.ts';
import { checkDefinition } from '../definition/validate-definition.ts';
import { StreamsError } from '../errors.ts';

/**
 * Reads a definition: `FILE.json`, or `FILE#EXPORT` of a module (without `#EXPORT`: its only one).
 * @throws STREAMS_USAGE when it is not there, DefinitionError when it cannot run
 */
export async function loadDefinition(place: string): Promise<PipelineDefinition> {
  const [file = '', name] = place.split('#');
  const definition = file.endsWith('.json') ? await fromJson(file) : await fromModule(file, name);
  checkDefinition(definition);
  return definition;
}

async function fromJson(file: string): Promise<PipelineDefinition> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as PipelineDefinition;
  } catch (error) {
    throw unreadable(file, error);
  }
}

async function fromModule(file: string, name: string | undefined): Promise<PipelineDefinition> {
  let exported: Record<string, unknown>;
  try {
    exported = (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  } catch (error) {
    throw unreadable(file, error);
  }
  const names = Object.keys(exported).filter((one) => isDefinition(exported[one]));
  const chosen = name ?? (names.length === 1 ? names[0]! : '');
  if (!names.includes(chosen))
    throw new StreamsError(
      'STREAMS_USAGE',
      names.length === 0
        ? `"${file}" exports no pipeline definition`
        : `say which definition of "${file}" is meant, as ${names.map((one) => `${file}#${one}`).join(' or ')}`,
    );
  return exported[chosen] as PipelineDefinition;
}

const isDefinition = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'sources' in value && 'views' in value;

const unreadable = (file: string, cause: unknown): StreamsError =>
  new StreamsError('STREAMS_USAGE', `cannot read "${file}": ${(cause as Error).message}`, { cause });
