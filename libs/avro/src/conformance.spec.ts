/**
 * Facts from other implementations, kept outside the repository: on where MILLRACE_CONFORMANCE names their folder.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { canonicalForm } from './canonical-form.ts';
import { fingerprint64 } from './fingerprint.ts';
import { parseSchema } from './parse-schema.ts';
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
