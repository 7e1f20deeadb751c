import { hostname } from 'node:os';
import { gzipSync } from 'node:zlib';
import type { Registry } from '@millrace/schemas';
import type { PipelineDefinition } from '@millrace/streams';
import Fastify from 'fastify';
import type { Kafka } from 'kafkajs';
import { EventSender } from './event-sender.ts';
import { createInbox } from './inbox.ts';
import { type EventCounts, postEvents } from './post-events.ts';
import { sendProblem } from './problem.ts';
import { RateLimit } from './rate-limit.ts';
import { SeenIds } from './seen-ids.ts';
import { snippet } from './snippet.ts';

/** Of a request: a thousand events of a kilobyte. */
export const MAX_BODY_BYTES = 1024 * 1024;
/** For a whole request to arrive: slow senders do not hold connections. */
const REQUEST_TIMEOUT_MS = 10_000;
const RETRY_AFTER_S = 5;

export interface ServeEventsOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Events a second that one client may send. */
  readonly perSecond: number;
  /** Value of `access-control-allow-origin`: whose pages may send. */
  readonly allowOrigin: string;
  readonly pipelines: readonly PipelineDefinition[];
  readonly kafka: Kafka;
  readonly registry: Registry;
  readonly autoRegister: boolean;
}

export interface EventServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Takes events over HTTP: `POST /events/:topic`, `GET /snippet.js`, `GET /health`. @throws Error that names a taken port and the variable that changes it */
export async function serveEvents(options: ServeEventsOptions): Promise<EventServer> {
  const { host, port, kafka, allowOrigin } = options;
  const inbox = await createInbox(options.pipelines, options);
  const sender = new EventSender(kafka, `millrace.http.${hostname()}:${port}`);
  const counts: EventCounts = { accepted: 0, repeated: 0, refused: 0, limited: 0, failed: 0 };
  const server = Fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: 3 * REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
  });
  server.addHook('onRequest', async (_request, reply) => {
    void reply.header('access-control-allow-origin', allowOrigin).header('x-content-type-options', 'nosniff');
  });
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const { statusCode: status = 503, message } = error;
    if (status >= 500) void reply.header('retry-after', RETRY_AFTER_S);
    return sendProblem(reply, {
      status,
      detail: status === 413 ? `more than ${MAX_BODY_BYTES} bytes: send less at once` : message,
    });
  });
  // A beacon comes as text, since a page may not send JSON elsewhere without asking first.
  server.addContentTypeParser(
    'text/plain',
    { parseAs: 'string' },
    server.getDefaultJsonParser('error', 'error'),
  );
  server.options('/events/:topic', async (_request, reply) =>
    reply
      .code(204)
      .headers({
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'content-type',
        'access-control-max-age': '86400',
      })
      .send(),
  );
  postEvents(server, { inbox, sender, seen: new SeenIds(), limit: new RateLimit(options.perSecond), counts });
  const zipped = gzipSync(snippet, { level: 9 });
  server.get('/snippet.js', async (request, reply) => {
    void reply
      .type('text/javascript; charset=utf-8')
      .headers({ 'cache-control': 'max-age=3600', vary: 'accept-encoding' });
    if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(snippet);
    return reply.header('content-encoding', 'gzip').send(zipped);
  });
  server.get('/health', async (_request, reply) =>
    reply
      .code(sender.isDown ? 503 : 200)
      .send({ status: sender.isDown ? 'broker away' : 'ok', events: counts }),
  );
  try {
    const url = await server.listen({ host, port });
    return {
      url,
      async stop() {
        await server.close();
        await sender.close();
      },
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(
      `port ${port} on ${host} is taken: stop the program that listens there, or set PRODUCER_PORT to another port`,
      { cause: error },
    );
  }
}
