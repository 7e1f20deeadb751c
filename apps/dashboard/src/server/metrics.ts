import type { FastifyInstance } from 'fastify';
import type { SetAsideKind } from '@millrace/views';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export type DashboardMetrics = ReturnType<typeof createMetrics>;

/** The server's own metrics, in a registry of its own: several servers can run in one process. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requests: new Histogram({
      name: 'millrace_dashboard_http_request_duration_seconds',
      help: 'Time from a request to the end of its response; live streams are left out',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
      registers,
    }),
    liveClients: new Gauge({
      name: 'millrace_dashboard_live_clients',
      help: 'Open live streams',
      registers,
    }),
    liveDropped: new Counter({
      name: 'millrace_dashboard_live_dropped_total',
      help: 'Live streams cut off because their reader did not read',
      registers,
    }),
    unreadable: new Counter({
      name: 'millrace_dashboard_unreadable_results_total',
      help: 'Results records that could not be decoded',
      labelNames: ['topic'],
      registers,
    }),
    setAside: Object.fromEntries(
      (['late', 'rejected', 'dead-letter'] as const).map((kind) => [
        kind,
        new Gauge({
          name: `millrace_${kind.replace('-', '_')}_records`,
          help: `Records in a pipeline's ${kind} topic`,
          labelNames: ['pipeline'],
          registers,
        }),
      ]),
    ) as Record<SetAsideKind, Gauge<'pipeline'>>,
    accessLogLost: new Gauge({
      name: 'millrace_dashboard_access_log_lost_lines',
      help: 'Lines of the access log that could not be written',
      registers,
    }),
  };
}

/** Measures requests by route and answers `GET /metrics` in Prometheus' text format; `beforeEach` sets what is only read then. */
export function serveMetrics(
  server: FastifyInstance,
  metrics: DashboardMetrics,
  beforeEach: () => void,
): void {
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    if (request.routeOptions.config?.isStream !== true) {
      const labels = { method: request.method, route, status: reply.statusCode };
      metrics.requests.observe(labels, reply.elapsedTime / 1_000);
    }
    done();
  });
  server.get('/metrics', async (_request, reply) => {
    beforeEach();
    const text = await metrics.registry.metrics();
    return reply.header('cache-control', 'no-store').type(metrics.registry.contentType).send(text);
  });
}
