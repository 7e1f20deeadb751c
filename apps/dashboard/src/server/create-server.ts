import type { Health, SetAsideKind } from '@millrace/views';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { AccessLog } from './access-log/access-log.ts';
import { logNotHttp, logWhenEnded } from './access-log/log-requests.ts';
import type { Catalogue } from './catalogue.ts';
import type { Cluster } from './cluster/cluster.ts';
import { DashboardError } from './errors.ts';
import type { History } from './history.ts';
import type { SetAsideCounter } from './kafka/set-aside-counter.ts';
import type { LiveHub } from './live/live-hub.ts';
import { serveMetrics, type DashboardMetrics } from './metrics.ts';
import { sendProblem } from './problem.ts';
import { serveCluster } from './routes/cluster.ts';
import { serveHealth } from './routes/health.ts';
import { serveLive } from './routes/live.ts';
import { servePipelines } from './routes/pipelines.ts';
import { serveRows } from './routes/rows.ts';
import { serveWeb } from './routes/web.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** Seconds after which a client may ask again what a store that is down could not answer. */
const RETRY_AFTER_S = 5;
/** What is away when an error with this code is retriable; else it is the store. */
const AWAY: Readonly<Record<string, string>> = { DASHBOARD_KAFKA: 'kafka', DASHBOARD_REGISTRY: 'registry' };
const NOT_HTTP_STATUS = 400;
const NOT_HTTP_ANSWER = `HTTP/1.1 ${NOT_HTTP_STATUS} Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;

export interface ServerParts {
  readonly catalogue: Catalogue;
  readonly cluster: Cluster;
  readonly history: History;
  readonly hub: LiveHub;
  readonly setAside: SetAsideCounter;
  readonly metrics: DashboardMetrics;
  readonly accessLog: AccessLog;
  readonly health: () => Health;
  readonly liveMaxClients: number;
  /** The built web pages. */
  readonly webDir: string;
  /** Told of what the server itself did wrong. */
  readonly onError: (error: Error) => void;
}

/** The HTTP server over its parts; nothing listens yet. */
export async function createServer(parts: ServerParts): Promise<FastifyInstance> {
  const { catalogue, history, hub, setAside, metrics } = parts;
  const server = Fastify({
    logger: false,
    forceCloseConnections: true,
    return503OnClosing: false,
    frameworkErrors(error, request, reply) {
      begin(request, reply);
      sendProblem(reply, { status: error.statusCode ?? 400, kind: 'bad-request', detail: error.message });
    },
    clientErrorHandler(error, socket) {
      if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
      logNotHttp(socket, NOT_HTTP_STATUS, parts.accessLog);
      socket.end(NOT_HTTP_ANSWER);
    },
  });
  function begin(request: FastifyRequest, reply: FastifyReply): void {
    logWhenEnded(request, reply, parts.accessLog);
    void reply.headers(SECURITY_HEADERS);
  }
  server.addHook('onRequest', (request, reply, done) => {
    begin(request, reply);
    done();
  });
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    if (error instanceof DashboardError && error.retriable) {
      void reply.header('retry-after', String(RETRY_AFTER_S));
      return sendProblem(reply, { status: 503, kind: AWAY[error.code] ?? 'store', detail: error.message });
    }
    const status = error.statusCode ?? 500;
    if (status < 500) return sendProblem(reply, { status, kind: 'bad-request', detail: error.message });
    parts.onError(error);
    const detail = 'The server failed to answer; its log says why';
    return sendProblem(reply, { status: 500, kind: 'internal', detail });
  });
  serveMetrics(server, metrics, () => {
    metrics.accessLogLost.set(parts.accessLog.lost.lines);
    for (const { name } of catalogue.pipelines) {
      const counts = setAside.counts(name);
      for (const kind of Object.keys(counts) as SetAsideKind[]) {
        metrics.setAside[kind].set({ pipeline: name }, counts[kind]);
      }
    }
  });
  serveHealth(server, parts.health);
  servePipelines(server, { catalogue, setAside });
  serveCluster(server, parts.cluster);
  serveRows(server, { catalogue, history, hub });
  serveLive(server, { catalogue, hub, metrics, maxClients: parts.liveMaxClients });
  await serveWeb(server, parts.webDir);
  return server;
}
