import Fastify from 'fastify';
import { queryHandler, type RunningPipeline } from '@millrace/streams';
import type { Registry } from 'prom-client';
import type { QueriesConfig } from './config.ts';

export interface ServeStatusOptions {
  readonly host: string;
  readonly port: number;
  readonly pipelines: readonly RunningPipeline[];
  readonly metrics: Registry;
  readonly queries: QueriesConfig | undefined;
}

/** `GET /health`, `/metrics` and, where configured, `/queries/<pipeline>/<view>` of the processor. @throws Error that names a taken port and the variable that changes it */
export async function serveStatus({
  host,
  port,
  pipelines,
  metrics,
  queries,
}: ServeStatusOptions): Promise<{ url: string; stop(): Promise<void> }> {
  const server = Fastify();
  server.get('/health', async (_request, reply) => {
    const states = pipelines.map(({ name, state }) => ({ name, state }));
    const ok = states.every(({ state }) => state !== 'failed');
    return reply.status(ok ? 200 : 503).send({ status: ok ? 'ok' : 'failed', pipelines: states });
  });
  server.get('/metrics', async (_request, reply) => {
    return reply.type(metrics.contentType).send(await metrics.metrics());
  });
  if (queries !== undefined) {
    const answer = queryHandler(pipelines, queries);
    server.get('/queries/*', (request, reply) => {
      reply.hijack();
      answer(request.raw, reply.raw);
    });
  }
  try {
    const url = await server.listen({ host, port });
    return { url, stop: () => server.close() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(
      `port ${port} on ${host} is taken: stop the program that listens there, or set PROCESSOR_PORT to another port`,
      { cause: error },
    );
  }
}
