/**
 * Facts from other implementations, kept outside the repository: on where MILLRACE_CONFORMANCE names their folder.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { checkCompatibility } from './compatibility/check-compatibility.ts';
import { COMPATIBILITY_MODES, type CompatibilityMode } from './compatibility/mode.ts';
import { canonicalForm } from './canonical-form.ts';
import { fingerprint64 } from './fingerprint.ts';
import { parseSchema } from './parse-schema.ts';
import type { Json } from './schema.ts';
import { AvroSchemaError } from './errors.ts';

const folder = process.env['MILLRACE_CONFORMANCE'];

function cases<T>(file: string): T[] {
  return folder === undefined ? [] : (JSON.parse(readFileSync(join(folder, 'avro', file), 'utf8')) as T[]);
}

interface CanonicalCase {
  name: string;
  schema: string;
  canonical: string;
  fingerprint64: string;
}

interface CompatibilityCase {
  name: string;
  reader: Json;
  writer?: Json;
  previous?: Json[];
  mode: CompatibilityMode;
  compatible: boolean;
}

interface ParseCase {
  name: string;
  schema?: string;
  schemaParts?: [string, number][];
  valid: boolean;
}

(folder === undefined ? describe.skip : describe)('the shared Avro conformance data', () => {
  it('has the canonical forms and fingerprints of the reference implementation', () => {
    const all = cases<CanonicalCase>('canonical.json');
    expect(all.length).toBeGreaterThan(50);
    for (const { name, schema, canonical, fingerprint64: expected } of all) {
      const parsed = parseSchema(schema);
      expect([name, canonicalForm(parsed), String(fingerprint64(parsed))]).toEqual([
        name,
        canonical,
        expected,
      ]);
    }
  });

  it('takes the valid schemas and refuses the others with a typed error', () => {
    const all = cases<ParseCase>('parse.json');
    expect(all.length).toBeGreaterThan(100);
    for (const { name, schema, schemaParts, valid } of all) {
      const text = schema ?? (schemaParts ?? []).map(([part, times]) => part.repeat(times)).join('');
      expect([name, verdict(text)]).toEqual([name, valid]);
    }
  });

  it('judges compatibility alike in all seven modes', () => {
    const all = cases<CompatibilityCase>('compat.json');
    expect(new Set(all.map(({ mode }) => mode))).toEqual(new Set(COMPATIBILITY_MODES));
    for (const { name, reader, writer, previous, mode, compatible } of all) {
      const { incompatibilities, ...result } = checkCompatibility({
        candidate: parseSchema(JSON.stringify(reader)),
        previous: (previous ?? (writer === undefined ? [] : [writer])).map((schema) =>
          parseSchema(JSON.stringify(schema)),
        ),
        mode,
      });
      expect([name, result.compatible]).toEqual([name, compatible]);
      expect(incompatibilities.length > 0).toBe(!compatible);
    }
  });
});

function verdict(text: string): boolean {
  try {
    parseSchema(text);
    return true;
  } catch (error) {
    if (error instanceof AvroSchemaError) return false;
    throw error;
  }
}
