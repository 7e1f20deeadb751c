import { parseSchema, type CompatibilityMode } from '@millrace/avro';
import { schemaFolders, type SchemaFolder } from '../generate/schema-files.ts';
import type { SchemaFile } from '../generate/module-text.ts';
import type { Registry } from '../registry/registry.ts';
import { allows, objections, upgradeOrder, verdictOf } from './verdict.ts';

export interface CheckOptions {
  /** Folder of folders of `.avsc` files; `NAME.vN.avsc` is NAME as it was released. */
  readonly root: string;
  /** What a change must keep to where no registry says otherwise. Default BACKWARD, as registries have it. */
  readonly mode?: CompatibilityMode;
  readonly registry?: Registry;
}

export interface Finding {
  readonly path: string;
  readonly ok: boolean;
  /** What it was compared with: `version 2`, or a subject. */
  readonly against: string;
  /** The verdict and who must be upgraded first, then each reason against it. */
  readonly lines: readonly string[];
}

/** Compares every schema with its last released version and, where there is a registry, with what is registered. */
export async function checkSchemas(options: CheckOptions): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const folder of schemaFolders(options.root)) {
    for (const file of folder.current) {
      findings.push(againstReleased(file, folder, options.mode ?? 'BACKWARD'));
      if (options.registry !== undefined) findings.push(await againstRegistry(file, options.registry));
    }
  }
  return findings;
}

function againstReleased(file: SchemaFile, folder: SchemaFolder, mode: CompatibilityMode): Finding {
  const last = lastReleased(file, folder);
  if (last === undefined) {
    const line = 'was never released; `millrace-schemas release` keeps it as version 1';
    return { path: file.path, ok: true, against: 'no released version', lines: [line] };
  }
  return compare(file, { text: last.text, against: `released version ${last.version}`, mode });
}

export function lastReleased(file: SchemaFile, folder: SchemaFolder) {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1, -'.avsc'.length);
  return folder.released.findLast(({ of }) => of === name);
}

/** The record's `topic` attribute says under which subject it is registered. */
async function againstRegistry(file: SchemaFile, registry: Registry): Promise<Finding> {
  const { topic } = JSON.parse(file.text) as { topic?: string };
  if (topic === undefined) {
    const line = 'not compared: the schema has no "topic" attribute that would name its subject';
    return { path: file.path, ok: true, against: registry.url, lines: [line] };
  }
  const subject = `${topic}-value`;
  const latest = await registry.latest(subject);
  if (latest === undefined) {
    return {
      path: file.path,
      ok: true,
      against: `${subject} at ${registry.url}`,
      lines: ['is not registered yet'],
    };
  }
  const mode = await registry.compatibility(subject);
  return compare(file, {
    text: latest.schema,
    against: `${subject} version ${latest.version} (${mode})`,
    mode,
  });
}

function compare(
  { path, text: newer }: SchemaFile,
  { text: older, against, mode }: { text: string; against: string; mode: CompatibilityMode },
): Finding {
  const verdict = verdictOf(parseSchema(older), parseSchema(newer));
  const ok = allows(mode, verdict);
  const refusal = ok ? [] : [`not allowed under ${mode}:`];
  const reasons = objections(mode, verdict).map(({ rule, message }) => `  ${rule}: ${message}`);
  return { path, ok, against, lines: [upgradeOrder(verdict), ...refusal, ...reasons] };
}
