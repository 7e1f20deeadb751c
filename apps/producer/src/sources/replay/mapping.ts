import { readFile } from 'node:fs/promises';
import type { PipelineDefinition } from '@millrace/streams';
import { z } from 'zod';
import { ReplayError } from './errors.ts';

const column = z.strictObject({
  column: z.string().min(1),
  /** The file's unit, where it is not the schema's. */
  unit: z.string().optional(),
  /** Texts that stand for "no value", beside the empty one. */
  nullWhen: z.array(z.string()).optional(),
  /** Values outside, in the schema's unit, are refused; by default what the unit makes plausible. */
  min: z.number().optional(),
  max: z.number().optional(),
});

const schema = z.strictObject({
  /** The pipeline's source whose topic and schema the rows are for. */
  source: z.string(),
  /** The field that decides the partition. */
  key: z.string(),
  time: z.strictObject({
    column: z.string().min(1),
    /** `iso`: a date and time with `Z` or an offset; without one it is taken as UTC. */
    format: z.enum(['epochSeconds', 'epochMs', 'iso']).default('iso'),
    /** Time differences in the file times this are those of the events: 60 where a file counts minutes as seconds. */
    stretch: z.number().positive().default(1),
  }),
  delimiter: z.string().length(1).default(','),
  /** How much earlier than a row before it a row may be. */
  outOfOrderMs: z.number().int().nonnegative().default(60_000),
  /** Fields that are the same in every row. */
  constants: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  /** By the schema's field: the file's column. */
  fields: z.record(z.string(), column),
});

/** How the columns of a file become the fields of an event. */
export type Mapping = z.infer<typeof schema>;
export type MappedColumn = z.infer<typeof column>;

/**
 * Reads a mapping from a JSON file and checks it against the pipeline.
 * @throws ReplayError REPLAY_MAPPING, naming each thing that is off
 */
export async function readMapping(path: string, pipeline: PipelineDefinition): Promise<Mapping> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new ReplayError('REPLAY_MAPPING', `mapping ${path}: ${(cause as Error).message}`, { cause });
  }
  return checkMapping(json, { path, pipeline });
}

/** @throws ReplayError REPLAY_MAPPING */
export function checkMapping(
  json: unknown,
  { path, pipeline }: { path: string; pipeline: PipelineDefinition },
): Mapping {
  const parsed = schema.safeParse(json);
  if (!parsed.success)
    throw new ReplayError('REPLAY_MAPPING', `mapping ${path}: ${z.prettifyError(parsed.error)}`);
  const mapping = parsed.data;
  const source = pipeline.sources[mapping.source];
  if (source === undefined)
    throw new ReplayError(
      'REPLAY_MAPPING',
      `mapping ${path}: source "${mapping.source}" is none of ${Object.keys(pipeline.sources).join(', ')}`,
    );
  const known = new Set(source.schema.fields.map(({ name }) => name));
  const unknown = [mapping.key, ...Object.keys(mapping.constants), ...Object.keys(mapping.fields)].filter(
    (name) => !known.has(name),
  );
  if (unknown.length > 0)
    throw new ReplayError(
      'REPLAY_MAPPING',
      `mapping ${path}: ${source.schema.name} has no field ${unknown.join(', ')}; it has ${[...known].join(', ')}`,
    );
  return mapping;
}
