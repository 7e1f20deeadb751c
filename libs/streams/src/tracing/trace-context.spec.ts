import { describe, expect, it } from '@jest/globals';
import { BatchWriter, RecordCursor } from '@millrace/record-batch';
import { isSampled, readTraceContext, traceContext, traceHeaders } from './trace-context.ts';

const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('traceContext', () => {
  it('takes what the standard allows', () => {
    expect(traceContext(parent, 'vendor=1')).toEqual({ traceparent: parent, tracestate: 'vendor=1' });
    expect(traceContext(`cc${parent.slice(2)}-what-comes-later`, undefined)).toBeDefined();
    expect(isSampled(traceContext(parent, undefined)!)).toBe(true);
    expect(isSampled(traceContext(`${parent.slice(0, -2)}02`, undefined)!)).toBe(false);
  });

  it.each([
    undefined,
    '',
    parent.toUpperCase(),
    parent.slice(1),
    `ff${parent.slice(2)}`,
    parent.replace('0af7651916cd43dd8448eb211c80319c', '0'.repeat(32)),
    parent.replace('b7ad6b7169203331', '0'.repeat(16)),
    `${parent}x`,
    `${parent}-${'x'.repeat(200)}`,
  ])('takes %p for none', (traceparent) => {
    expect(traceContext(traceparent, 'vendor=1')).toBeUndefined();
  });

  it('leaves a state out that is longer than anybody has to pass on', () => {
    expect(traceContext(parent, `a=${'x'.repeat(1_100)}`)).toEqual({
      traceparent: parent,
      tracestate: undefined,
    });
  });

  it('comes out of a record as it went in', () => {
    const context = traceContext(parent, 'vendor=1')!;
    const writer = new BatchWriter();
    writer.append(0, null, Buffer.from('value'), traceHeaders(context));
    writer.append(0, null, Buffer.from('value'));
    const cursor = new RecordCursor();
    cursor.open(Buffer.from(writer.finish({ baseOffset: 0 })), {});
    cursor.next();
    expect(readTraceContext(cursor)).toEqual(context);
    cursor.next();
    expect(readTraceContext(cursor)).toBeUndefined();
  });
});
