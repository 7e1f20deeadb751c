import type { FastifyInstance } from 'fastify';
import type { Catalogue } from '../catalogue.ts';
import type { LiveHub } from '../live/live-hub.ts';
import { sseClient } from '../live/sse-client.ts';
import type { DashboardMetrics } from '../metrics.ts';
import { sendProblem } from '../problem.ts';
import { SECURITY_HEADERS } from '../security-headers.ts';
import { unknownView } from './rows.ts';

/** What a browser waits before it connects again. */
const RECONNECT_AFTER_MS = 2_000;

export interface LiveOptions {
  readonly catalogue: Catalogue;
  readonly hub: LiveHub;
  readonly metrics: DashboardMetrics;
  readonly maxClients: number;
}

/**
 * `GET /api/live?views=a,b`: Server-Sent Events `rows`, `watermark`, `heartbeat`, and `reset` where a `Last-Event-ID`
 * is too old to go on from; of all views where none is named.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function serveLive(server: FastifyInstance, options: LiveOptions): void {
  const { catalogue, hub, metrics, maxClients } = options;
  const config = { isStream: true };
  server.get<{ Querystring: { views?: string | string[] } }>('/api/live', { config }, (request, reply) => {
    const named = [request.query.views ?? []].flat().flatMap((text) => text.split(','));
    const views = new Set(named.length === 0 ? catalogue.views.keys() : named);
    const unknown = [...views].find((view) => !catalogue.views.has(view));
    if (unknown !== undefined) return sendProblem(reply, unknownView(catalogue, unknown));
    if (hub.readerCount >= maxClients) {
      return sendProblem(reply.header('retry-after', '10'), {
        status: 503,
        kind: 'too-many-live-streams',
        detail: `${maxClients} live streams are open; close one, or raise LIVE_MAX_CLIENTS`,
      });
    }
    reply.hijack();
    const response = reply.raw;
    response.writeHead(200, {
      ...SECURITY_HEADERS,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.write(`retry: ${RECONNECT_AFTER_MS}\n\n`);
    const reader = sseClient(response, views, () => metrics.liveDropped.inc());
    const lastEventId = request.headers['last-event-id'];
    hub.add(reader, Array.isArray(lastEventId) ? lastEventId[0] : lastEventId);
    metrics.liveClients.set(hub.readerCount);
    response.once('close', () => {
      hub.remove(reader);
      metrics.liveClients.set(hub.readerCount);
    });
  });
}
