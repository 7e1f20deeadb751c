import {
  accessLogEvent,
  formatAccessLogLine,
  parseAccessLogLine,
  simulatedRequest,
  webLogs as pipeline,
} from '@millrace/pipelines';
import { z } from 'zod';
import { simulate } from '../sources/simulate.ts';
import { mapSource } from '../sources/source.ts';
import { tail } from '../sources/tail.ts';
import type { Feed, FeedItem } from './feed.ts';

const environment = z.object({
  MILLRACE_DIR: z.string().default('.millrace'),
  ACCESS_LOG: z.string().optional(),
  SIMULATE_LINES_PER_SECOND: z.coerce.number().min(0).max(100_000).optional(),
  SIMULATE_SEED: z.coerce.number().int().default(1),
});

/** The original system's rate: a page that is never empty. */
const DEFAULT_LINES_PER_SECOND = 2;

export interface WebLogsSettings {
  /** Access logs to follow. */
  readonly files: readonly string[];
  /** 0: no simulated lines. */
  readonly linesPerSecond: number;
  readonly seed: number;
}

/**
 * Access logs that are followed, and simulated lines: by default the dashboard's own access log and two lines a second. Files
 * given by `--file` come alone, since a log of yesterday mixed with lines of now would be late.
 */
export const webLogs: Feed<WebLogsSettings> = {
  pipeline,
  settings(env, flags) {
    const values = environment.parse({
      ...env,
      ...(flags.simulate !== undefined && { SIMULATE_LINES_PER_SECOND: flags.simulate }),
    });
    return {
      files: flags.file ?? [values.ACCESS_LOG ?? `${values.MILLRACE_DIR}/access.log`],
      linesPerSecond:
        values.SIMULATE_LINES_PER_SECOND ?? (flags.file === undefined ? DEFAULT_LINES_PER_SECOND : 0),
      seed: values.SIMULATE_SEED,
    };
  },
  sources({ files, linesPerSecond, seed }) {
    const followed = files.map((file) => mapSource(tail(file), (bytes) => [fromLine(bytes, false)]));
    if (linesPerSecond === 0) return followed;
    const simulated = simulate({
      name: pipeline.name,
      what: 'log lines',
      perSecond: linesPerSecond,
      seed,
      make: (...when) => Buffer.from(formatAccessLogLine(simulatedRequest(...when))),
    });
    return [...followed, mapSource(simulated, (bytes) => [fromLine(bytes, true)])];
  },
};

/** The event that a line stands for, or why it is none. */
function fromLine(bytes: Buffer, simulated: boolean): FeedItem {
  const parsed = parseAccessLogLine(bytes);
  if (!parsed.ok) {
    const code = `WEB_LOGS_LINE_${parsed.fault.rule.toUpperCase().replace('-', '_')}`;
    return { code, reason: parsed.fault.message, original: bytes };
  }
  const value = accessLogEvent(parsed.line, { text: bytes.toString('utf8'), simulated });
  return { source: 'logs', key: parsed.line.host, value, original: bytes };
}
