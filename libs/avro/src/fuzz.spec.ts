import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalForm } from './canonical-form.ts';
import { checkCompatibility } from './compatibility/check-compatibility.ts';
import { AvroSchemaError } from './errors.ts';
import { parseSchema } from './parse-schema.ts';
import { printSchema } from './print-schema.ts';
import type { Json, Schema } from './schema.ts';

/** JSON made of the words of Avro, so that much of it is nearly a schema. */
const word = fc.constantFrom(
  ...[
    'record',
    'enum',
    'fixed',
    'array',
    'map',
    'int',
    'long',
    'null',
    'string',
    'bytes',
    'R',
    'S',
    'n.R',
    'a',
    'b',
  ],
  ...['__proto__', 'constructor', 'decimal', 'uuid', 'ascending', '', '.', 'a..b', 'ä'],
);
const attribute = fc.constantFrom(
  ...[
    'type',
    'name',
    'namespace',
    'fields',
    'items',
    'values',
    'symbols',
    'size',
    'default',
    'aliases',
    'order',
  ],
  ...['doc', 'logicalType', 'precision', 'scale', '__proto__', 'unit'],
);
const nearlySchema = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    word,
    fc.constantFrom<Json>(null, true, 0, 4, -1, 1.5, 2 ** 31, 2 ** 63, 1e400),
    fc.array(tie('json'), { maxLength: 4 }),
    fc
      .uniqueArray(fc.tuple(attribute, tie('json')), { selector: ([name]) => name, maxLength: 6 })
      .map(
        (entries) =>
          JSON.parse(
            `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join()}}`,
          ) as Json,
      ),
    fc
      .uniqueArray(fc.tuple(word, tie('json')), { selector: ([name]) => name, maxLength: 4 })
      .map(
        (fields) =>
          ({ type: 'record', name: 'R', fields: fields.map(([name, type]) => ({ name, type })) }) as Json,
      ),
  ),
})).json;

function parsed(json: Json): Schema | undefined {
  try {
    return parseSchema(JSON.stringify(json));
  } catch (error) {
    if (error instanceof AvroSchemaError) return undefined;
    throw error;
  }
}

describe('parseSchema and all that stands on it, given anything', () => {
  it('refuses with a typed error or gives a schema that prints, parses and reads its own data', () => {
    let taken = 0;
    fc.assert(
      fc.property(nearlySchema, (json) => {
        const schema = parsed(json);
        if (schema === undefined) return;
        taken++;
        for (const normal of [false, true]) {
          const again = parseSchema(printSchema(schema, { normal }));
          expect(canonicalForm(again)).toBe(canonicalForm(schema));
          expect(
            checkCompatibility({ candidate: again, previous: [schema], mode: 'FULL' }).incompatibilities,
          ).toEqual([]);
        }
      }),
      { numRuns: 5_000 },
    );
    // Otherwise the property would hold for want of schemas.
    expect(taken).toBeGreaterThan(200);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('judges any two schemas alike, whichever way each is written', () => {
    fc.assert(
      fc.property(nearlySchema, nearlySchema, (left, right) => {
        const [candidate, previous] = [parsed(left), parsed(right)];
        if (candidate === undefined || previous === undefined) return;
        const verdict = checkCompatibility({ candidate, previous: [previous], mode: 'FULL' }).compatible;
        const rewritten = parseSchema(printSchema(candidate, { normal: true }));
        expect(
          checkCompatibility({ candidate: rewritten, previous: [previous], mode: 'FULL' }).compatible,
        ).toBe(verdict);
      }),
      { numRuns: 3_000 },
    );
  });

  it('refuses bytes that are not even JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        try {
          parseSchema(text);
        } catch (error) {
          expect(error).toBeInstanceOf(AvroSchemaError);
        }
      }),
    );
  });
});
