import { accessLogEvent, parseAccessLogLine } from '@millrace/pipelines';
import type { AccessLog } from '@millrace/schemas';
import type { SourceLine } from './sources/source.ts';
import type { OutgoingRecord } from './transactional-sender.ts';

/** Where the records of a pipeline go. */
export interface Topics {
  readonly events: string;
  readonly deadLetter: string;
}

export interface LineToRecord {
  readonly topics: Topics;
  readonly sourceName: string;
  /** Encodes under the registered schema; throws where the value breaks it. */
  readonly encode: (value: AccessLog) => Buffer;
  readonly nowMs: number;
}

/** The event that a line stands for, or a dead letter with the reason and the line's own bytes. */
export function lineToRecord(
  line: SourceLine,
  { topics, sourceName, encode, nowMs }: LineToRecord,
): OutgoingRecord {
  const parsed = parseAccessLogLine(line.bytes);
  const refuse = (code: string, reason: string): OutgoingRecord => ({
    topic: topics.deadLetter,
    key: null,
    value: line.bytes,
    headers: { code, reason, source: sourceName },
    timestampMs: nowMs,
  });
  if (!parsed.ok)
    return refuse(`WEB_LOGS_LINE_${parsed.fault.rule.toUpperCase().replace('-', '_')}`, parsed.fault.message);
  try {
    const value = encode(
      accessLogEvent(parsed.line, { text: line.bytes.toString('utf8'), simulated: line.simulated }),
    );
    return { topic: topics.events, key: parsed.line.host, value, timestampMs: parsed.line.timeMs };
  } catch (error) {
    const { code = 'WEB_LOGS_EVENT', message } = error as Error & { code?: string };
    return refuse(code, message);
  }
}
