/** A line of an access log in the common or combined format, with the request's duration in seconds behind it where a server writes one. */
export interface AccessLogLine {
  /** Epoch milliseconds; access logs have whole seconds. */
  readonly timeMs: number;
  readonly host: string;
  readonly user: string | null;
  /** `-` where the request line is not HTTP (probes and TLS handshakes on a plain port leave such lines). */
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly protocol: string;
  readonly status: number;
  readonly bytes: number;
  readonly durationMs: number | null;
  readonly referrer: string | null;
  readonly userAgent: string | null;
}

/** Why a line is not an access-log line: `rule` is stable and short, `message` is for people. */
export interface LineFault {
  readonly rule: 'too-long' | 'encoding' | 'format' | 'time' | 'status';
  readonly message: string;
}

export type ParsedLine =
  { readonly ok: true; readonly line: AccessLogLine } | { readonly ok: false; readonly fault: LineFault };

/** Longest line taken: eight times the 8 KiB that servers allow a request line by default. */
export const MAX_LINE_BYTES = 64 * 1024;

const quoted = '"((?:[^"\\\\]|\\\\.)*)"';
const linePattern = new RegExp(
  `^(\\S+) (\\S+) ([^[]*?) ?\\[([^\\]]*)\\] ${quoted} (\\d+|-) (\\d+|-)(?: ${quoted} ${quoted})?(?: (\\d+(?:\\.\\d+)?|-))?\\s*$`,
);
const timePattern = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})$/;
const requestPattern = /^([A-Z]+) (\S.*?) (HTTP\/\d(?:\.\d)?)$/;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads one line, without its line end. Common format, combined format, and combined with a duration in seconds
 * (nginx's `$request_time`) as the last field are told apart by what is there.
 *
 * @see https://httpd.apache.org/docs/2.4/logs.html#accesslog
 */
export function parseAccessLogLine(bytes: Uint8Array): ParsedLine {
  if (bytes.length > MAX_LINE_BYTES) {
    return fault(
      'too-long',
      `the line has ${bytes.length} bytes, more than the ${MAX_LINE_BYTES} that are read`,
    );
  }
  let text: string;
  try {
    text = strictUtf8.decode(bytes);
  } catch {
    return fault('encoding', 'the line is not UTF-8');
  }
  const parts = linePattern.exec(text);
  if (parts === null) {
    return fault('format', 'the line is in neither the common nor the combined access-log format');
  }
  const [
    ,
    host = '',
    ,
    user = '',
    time = '',
    request = '',
    status = '',
    size = '',
    referrer,
    agent,
    seconds,
  ] = parts;
  const timeMs = parseTime(time);
  if (timeMs === undefined) {
    return fault('time', `"${time}" is not a time of the form 22/Nov/2026:08:12:29 +0000`);
  }
  const code = Number(status);
  if (!(code >= 100 && code <= 999)) return fault('status', `"${status}" is not an HTTP status`);
  const http = requestPattern.exec(request);
  const target = unescape(http?.[2] ?? request);
  return {
    ok: true,
    line: {
      timeMs,
      host,
      user: user === '-' || user === '' ? null : user,
      method: http?.[1] ?? '-',
      path: target.split('?', 1)[0] || '-',
      protocol: http?.[3] ?? '-',
      status: code,
      bytes: size === '-' ? 0 : Number(size),
      durationMs: seconds === undefined || seconds === '-' ? null : Math.round(Number(seconds) * 1e6) / 1e3,
      referrer: optional(referrer),
      userAgent: optional(agent),
    },
  };
}

/** Writes `line` as {@link parseAccessLogLine} reads it: combined format and, where there is one, the duration in seconds. */
export function formatAccessLogLine(line: AccessLogLine): string {
  const request = line.method === '-' ? line.path : `${line.method} ${line.path} ${line.protocol}`;
  const duration = line.durationMs === null ? '' : ` ${(line.durationMs / 1e3).toFixed(3)}`;
  return (
    `${line.host} - ${line.user ?? '-'} [${formatTime(line.timeMs)}] "${escape(request)}" ${line.status} ${line.bytes} ` +
    `"${escape(line.referrer ?? '-')}" "${escape(line.userAgent ?? '-')}"${duration}`
  );
}

function fault(rule: LineFault['rule'], message: string): ParsedLine {
  return { ok: false, fault: { rule, message } };
}

function optional(text: string | undefined): string | null {
  return text === undefined || text === '-' || text === '' ? null : unescape(text);
}

function parseTime(text: string): number | undefined {
  const parts = timePattern.exec(text);
  if (parts === null) return undefined;
  const [, day, month = '', year, hour, minute, second, sign, zoneHours, zoneMinutes] = parts;
  const monthIndex = months.indexOf(month);
  const local = Date.UTC(Number(year), monthIndex, Number(day), Number(hour), Number(minute), Number(second));
  const date = new Date(local);
  const exists =
    monthIndex >= 0 &&
    date.getUTCDate() === Number(day) &&
    date.getUTCHours() === Number(hour) &&
    Number(minute) < 60;
  if (!exists || Number(second) > 60) return undefined;
  const zoneMs = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000;
  return sign === '-' ? local + zoneMs : local - zoneMs;
}

function formatTime(timeMs: number): string {
  const iso = new Date(timeMs).toISOString();
  const month = months[Number(iso.slice(5, 7)) - 1];
  return `${iso.slice(8, 10)}/${month}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

/** Servers write quotes, backslashes and control bytes inside quoted fields as `\"` or `\xHH`. */
function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(
    /\\(?:x([0-9A-Fa-f]{2})|(.))/g,
    (_all, hex: string | undefined, char: string | undefined) =>
      hex === undefined ? (char ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function escape(text: string): string {
  return text.replace(
    /["\\\u0000-\u001f\u007f]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
