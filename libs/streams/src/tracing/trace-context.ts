import type { RecordCursor, RecordHeader } from '@millrace/record-batch';

/** A W3C trace context, as it lies in the headers of a record. @see https://www.w3.org/TR/trace-context/ */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate: string | undefined;
}

/** Version 00, or a later one, which may have more behind; no id is all zeros. */
const traceparentPattern =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;
/** Both limits are longer than the standard asks anybody to pass on. */
const maxParentChars = 128;
const maxStateChars = 1_024;

/** Undefined when there is none, or none that the standard allows; a vendor's state that is too long is left out. */
export function traceContext(traceparent: unknown, tracestate: unknown): TraceContext | undefined {
  if (typeof traceparent !== 'string' || traceparent.length > maxParentChars) return undefined;
  if (!traceparentPattern.test(traceparent)) return undefined;
  const isState = typeof tracestate === 'string' && tracestate !== '' && tracestate.length <= maxStateChars;
  return { traceparent, tracestate: isState ? tracestate : undefined };
}

/** The context of the record that a cursor stands on. */
export function readTraceContext(cursor: RecordCursor): TraceContext | undefined {
  if (cursor.headerCount === 0) return undefined;
  const parent = cursor.header('traceparent');
  if (parent === undefined) return undefined;
  return traceContext(parent.toString('latin1'), cursor.header('tracestate')?.toString('latin1'));
}

/** Whether somebody records this trace. */
export const isSampled = ({ traceparent }: TraceContext): boolean =>
  (Number.parseInt(traceparent.slice(53, 55), 16) & 1) === 1;

export function traceHeaders({ traceparent, tracestate }: TraceContext): RecordHeader[] {
  const headers = [{ name: 'traceparent', value: Buffer.from(traceparent) }];
  if (tracestate !== undefined) headers.push({ name: 'tracestate', value: Buffer.from(tracestate) });
  return headers;
}
