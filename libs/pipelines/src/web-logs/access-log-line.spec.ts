import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatAccessLogLine, MAX_LINE_BYTES, parseAccessLogLine } from './access-log-line.ts';

const parse = (text: string) => parseAccessLogLine(Buffer.from(text));

describe('parseAccessLogLine', () => {
  it('reads the common format', () => {
    expect(
      parse('192.0.2.7 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif?x=1 HTTP/1.0" 200 2326'),
    ).toEqual({
      ok: true,
      line: {
        timeMs: Date.UTC(2000, 9, 10, 20, 55, 36),
        host: '192.0.2.7',
        user: 'frank',
        method: 'GET',
        path: '/a.gif',
        protocol: 'HTTP/1.0',
        status: 200,
        bytes: 2326,
        durationMs: null,
        referrer: null,
        userAgent: null,
      },
    });
  });

  it('reads the combined format with a duration in seconds behind it', () => {
    const parsed = parse(
      '::1 - - [22/Nov/2026:08:12:29 +0000] "POST /cart HTTP/1.1" 503 - "https://shop.example/" "curl/8 \\"x\\"" 0.0425',
    );
    expect(parsed).toMatchObject({
      ok: true,
      line: {
        status: 503,
        bytes: 0,
        durationMs: 42.5,
        referrer: 'https://shop.example/',
        userAgent: 'curl/8 "x"',
      },
    });
  });

  it('keeps a request that is not HTTP, since the server did answer it', () => {
    const parsed = parse('192.0.2.1 - - [22/Nov/2026:08:12:29 +0000] "\\x16\\x03\\x01" 400 166 "-" "-"');
    expect(parsed).toMatchObject({ ok: true, line: { method: '-', protocol: '-', status: 400 } });
  });

  it.each([
    ['format', 'hello'],
    ['format', ''],
    ['format', '{"time":"now"}'],
    ['time', '::1 - - [31/Feb/2026:08:12:29 +0000] "GET / HTTP/1.1" 200 1'],
    ['time', '::1 - - [22/Nox/2026:08:12:29 +0000] "GET / HTTP/1.1" 200 1'],
    ['status', '::1 - - [22/Nov/2026:08:12:29 +0000] "GET / HTTP/1.1" 7 1'],
    ['too-long', 'x'.repeat(MAX_LINE_BYTES + 1)],
  ])('refuses with the rule %s: %#', (rule, text) => {
    expect(parse(text)).toMatchObject({ ok: false, fault: { rule } });
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(parseAccessLogLine(Buffer.from([0xff, 0xfe, 0x20]))).toMatchObject({
      ok: false,
      fault: { rule: 'encoding' },
    });
  });

  it('reads back whatever formatAccessLogLine writes', () => {
    const text = fc.string({ minLength: 1, maxLength: 30 }).filter((value) => value !== '-');
    const line = fc.record({
      timeMs: fc.integer({ min: 0, max: 4e9 }).map((seconds) => seconds * 1000),
      host: fc.ipV4(),
      user: fc.constant(null),
      method: fc.constantFrom('GET', 'POST', 'DELETE'),
      path: fc.webPath().map((path) => path || '/'),
      protocol: fc.constantFrom('HTTP/1.1', 'HTTP/2'),
      status: fc.integer({ min: 100, max: 599 }),
      bytes: fc.nat(),
      durationMs: fc.option(fc.nat({ max: 100_000 })),
      referrer: fc.option(text),
      userAgent: fc.option(text),
    });
    fc.assert(
      fc.property(line, (value) =>
        expect(parse(formatAccessLogLine(value))).toEqual({ ok: true, line: value }),
      ),
    );
  });

  it('answers any bytes with a line or a fault, in time that grows with their length only', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        (bytes) => typeof parseAccessLogLine(bytes).ok === 'boolean',
      ),
    );
    const hostile = `a a ${' ['.repeat(20_000)}`;
    expect(parse(hostile).ok).toBe(false);
    expect(parse(`a a a [x] "${'\\'.repeat(60_000)}`).ok).toBe(false);
  });
});
