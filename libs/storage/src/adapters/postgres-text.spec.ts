import { describe, expect, it } from '@jest/globals';
import { copyText, timestampText } from './postgres-text.ts';

describe('copyText', () => {
  it('escapes what COPY takes for structure, and writes null apart from the text \\N', () => {
    const columns = [
      { name: 'text', type: 'string', nullable: true },
      { name: 'data', type: 'json', nullable: true },
      { name: 'flag', type: 'boolean', nullable: true },
    ] as const;
    const rows = [{ text: 'a\tb\\c\nd\re', data: { x: '\n' }, flag: true }, { text: '\\N' }, {}];
    expect(Buffer.concat([...copyText(columns, rows)]).toString()).toBe(
      'a\\tb\\\\c\\nd\\re\t{"x":"\\\\n"}\ttrue\n\\\\N\t\\N\t\\N\n\\N\t\\N\t\\N\n',
    );
  });

  it('gives large batches in pieces that lose nothing', () => {
    const columns = [{ name: 'text', type: 'string', nullable: false }] as const;
    const pieces = [
      ...copyText(
        columns,
        Array.from({ length: 30_000 }, (_, index) => ({ text: `row ${index} ß` })),
      ),
    ];
    expect(pieces.length).toBeGreaterThan(3);
    expect(Buffer.concat(pieces).toString().split('\n')).toHaveLength(30_001);
  });
});

describe('timestampText', () => {
  it('writes years as Postgres reads them, before the first and beyond the ten-thousandth', () => {
    expect(timestampText(0)).toBe('1970-01-01T00:00:00.000Z');
    expect(timestampText(8.64e15)).toBe('275760-09-13T00:00:00.000Z');
    expect(timestampText(Date.parse('0001-01-01T00:00:00Z') - 1)).toBe('0001-12-31T23:59:59.999Z BC');
    expect(timestampText(Date.UTC(-4712, 0, 1))).toBe('4713-01-01T00:00:00.000Z BC');
  });
});
