import type { AccessLog } from '@millrace/schemas';
import type { AccessLogLine } from './access-log-line.ts';

/** The event that stands for a line; `text` is the line as it was written. */
export function accessLogEvent(
  line: AccessLogLine,
  { text, simulated }: { text: string; simulated: boolean },
): AccessLog {
  return {
    time: line.timeMs,
    host: line.host,
    user: line.user,
    method: line.method,
    path: line.path,
    protocol: line.protocol,
    status: line.status,
    bytes: line.bytes,
    duration_ms: line.durationMs,
    referrer: line.referrer,
    user_agent: line.userAgent,
    simulated,
    line: text,
  };
}
