import { AccessLogSchema } from '@millrace/schemas';
import { definePipeline, field, gte, when } from '@millrace/streams';
import { answer, bars, timeSeries } from '@millrace/views';
import { count, mean, quantile, sum, topK, tumbling } from '@millrace/windowing';

const window = tumbling({ sizeMs: 10_000 });
/** Access logs have whole seconds, and a follower looks several times a second. */
const outOfOrderMs = 2_000;
/** What a producer sends after a restart still counts where it belongs. */
const graceMs = 60_000;
const retentionMs = 7 * 24 * 3_600_000;

/** Live analytics of web-server access logs: traffic, errors, latency and top paths every ten seconds. */
export const webLogs = definePipeline({
  name: 'web-logs',
  description: 'Web logs',
  sources: {
    logs: {
      topic: 'logs',
      schema: AccessLogSchema,
      eventTime: 'time',
      outOfOrderMs,
      idleAfterMs: 3_000,
      maxFutureMs: 60_000,
    },
  },
  views: {
    traffic: {
      from: 'logs',
      description: 'All requests, every ten seconds',
      derive: {
        error: when(gte(field('status'), 400), 1, 0),
        generated: when(field('simulated'), 1, 0),
      },
      window,
      graceMs,
      emit: 'onUpdate',
      retentionMs,
      select: {
        requests: count(),
        simulated_requests: sum('generated'),
        errors: sum('error'),
        error_rate: mean('error'),
        bytes: sum('bytes'),
        p50_ms: quantile('duration_ms', 0.5),
        p95_ms: quantile('duration_ms', 0.95),
        p99_ms: quantile('duration_ms', 0.99),
        top_paths: topK('path', 10),
      },
      units: { bytes: 'bytes', error_rate: 'ratio' },
      sinks: ['serving'],
      panels: [
        answer({
          overMs: 60_000,
          parts: [
            { y: 'requests', words: 'requests' },
            { y: 'errors', of: 'requests', unit: 'ratio', words: 'errors' },
          ],
          simulated: 'simulated_requests',
        }),
        timeSeries({ title: 'Requests', y: 'requests', shape: 'bars' }),
        timeSeries({ title: 'Latency', y: ['p50_ms', 'p95_ms', 'p99_ms'] }),
        timeSeries({ title: 'Error rate', y: 'error_rate' }),
        timeSeries({ title: 'Bytes sent', y: 'bytes', shape: 'bars' }),
        bars({ title: 'Top paths', y: 'top_paths', top: 10 }),
      ],
    },
    requests_by_path: {
      from: 'logs',
      description: 'Requests by path, every ten seconds',
      derive: { error: when(gte(field('status'), 400), 1, 0) },
      by: ['path'],
      window,
      graceMs,
      emit: 'onUpdate',
      retentionMs,
      select: { requests: count(), errors: sum('error'), p95_ms: quantile('duration_ms', 0.95) },
      sinks: ['serving'],
      panels: [timeSeries({ title: 'Requests by path', y: 'requests', series: 'path', top: 8 })],
    },
  },
});
