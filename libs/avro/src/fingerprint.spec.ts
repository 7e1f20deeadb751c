import { describe, expect, it } from '@jest/globals';
import { canonicalForm } from './canonical-form.ts';
import { fingerprint64 } from './fingerprint.ts';
import { parseSchema } from './parse-schema.ts';

describe('canonicalForm and fingerprint64', () => {
  it('write names in full, attributes in order, and a type only once', () => {
    const schema = parseSchema(
      '{"fields":[{"doc":"x","type":{"size":2,"name":"F","type":"fixed"},"name":"a","default":"\\u0001\\u0002"},' +
        '{"name":"b","type":["null","F"]}],"namespace":"n","name":"R","type":"record","pii":true}',
    );
    expect(canonicalForm(schema)).toBe(
      '{"name":"n.R","type":"record","fields":[{"name":"a","type":{"name":"n.F","type":"fixed","size":2}},' +
        '{"name":"b","type":["null","n.F"]}]}',
    );
  });

  it('give the published fingerprints of simple schemas', () => {
    // From the Avro project's schema-tests.txt.
    expect(fingerprint64(parseSchema('"int"'))).toBe(8247732601305521295n);
    expect(fingerprint64(parseSchema('"bytes"'))).toBe(5746618253357095269n);
    expect(fingerprint64(parseSchema('{"type":"boolean"}'))).toBe(-6970731678124411036n);
  });

  it('are the same for schemas that read the same bytes alike', () => {
    const plain = parseSchema('{"type":"record","name":"R","fields":[{"name":"t","type":"long"}]}');
    const rich = parseSchema({
      type: 'record',
      name: 'R',
      doc: 'why',
      fields: [{ name: 't', type: { type: 'long', logicalType: 'timestamp-millis' }, default: 0 }],
    });
    expect(fingerprint64(rich)).toBe(fingerprint64(plain));
  });
});
