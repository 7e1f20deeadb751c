import { describe, expect, it } from '@jest/globals';
import { canonicalForm } from './canonical-form.ts';
import { parseSchema } from './parse-schema.ts';
import { printSchema } from './print-schema.ts';

const text =
  '{"type":"record","name":"A","namespace":"x","doc":"d","fields":[' +
  '{"name":"e","type":{"type":"enum","name":"E","namespace":"y","symbols":["P"],"default":"P","aliases":["x.F","G"]}},' +
  '{"name":"e2","type":["null","y.E"],"default":null,"order":"ignore","aliases":["old"],"pii":true,"about":"b"},' +
  '{"name":"t","type":{"type":"long","logicalType":"timestamp-millis"}},' +
  '{"name":"n","type":{"type":"map","values":"A"}}]}';

describe('printSchema', () => {
  it('gives back what was parsed, and drops white space only', () => {
    expect(printSchema(parseSchema(text))).toBe(text);
    expect(printSchema(parseSchema(JSON.stringify(JSON.parse(text), null, 2)))).toBe(text);
    expect(printSchema(parseSchema(' { "type" : "string" } '))).toBe('"string"');
  });

  it('prints a schema that parses to the same canonical form, in either style', () => {
    for (const normal of [false, true]) {
      const schema = parseSchema(text);
      expect(canonicalForm(parseSchema(printSchema(schema, { normal })))).toBe(canonicalForm(schema));
    }
  });

  it('prints schemas alike that differ only in order and in how names are written, when normal', () => {
    const other =
      '{"name":"x.A","doc":"d","type":"record","fields":[' +
      '{"type":{"name":"y.E","type":"enum","aliases":["y.G","x.F"],"symbols":["P"],"default":"P"},"name":"e"},' +
      '{"about":"b","pii":true,"name":"e2","type":["null","y.E"],"default":null,"order":"ignore","aliases":["old"]},' +
      '{"name":"t","order":"ascending","type":{"logicalType":"timestamp-millis","type":"long"}},' +
      '{"name":"n","type":{"type":"map","values":"x.A"}}]}';
    const normal = (json: string) => printSchema(parseSchema(json), { normal: true });
    expect(printSchema(parseSchema(other))).not.toBe(text);
    expect(normal(other)).toBe(normal(text));
    expect(normal(normal(text))).toBe(normal(text));
  });

  it('only mentions types that are defined elsewhere', () => {
    const address = parseSchema('{"type":"fixed","name":"crm.Address","size":8}');
    const schema = parseSchema('{"type":"array","items":"crm.Address"}', { references: [address] });
    expect(printSchema(schema, { external: ['crm.Address'] })).toBe('{"type":"array","items":"crm.Address"}');
  });
});
