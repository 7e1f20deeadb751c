import type { FastifyInstance } from 'fastify';
import type { Catalogue } from '../catalogue.ts';
import type { SetAsideCounter } from '../kafka/set-aside-counter.ts';
import { sendProblem } from '../problem.ts';

/** `GET /api/pipelines`, and `GET /api/pipelines/:name/set-aside`: counts and the newest events that its windows do not contain. */
export function servePipelines(
  server: FastifyInstance,
  { catalogue, setAside }: { catalogue: Catalogue; setAside: SetAsideCounter },
): void {
  server.get('/api/pipelines', (_request, reply) =>
    reply.header('cache-control', 'no-cache').send(catalogue.pipelines),
  );
  server.get<{ Params: { name: string } }>('/api/pipelines/:name/set-aside', (request, reply) => {
    const { name } = request.params;
    if (!catalogue.pipelines.some((pipeline) => pipeline.name === name)) {
      const known = catalogue.pipelines.map((pipeline) => pipeline.name).join(', ') || 'none';
      const detail = `There is no pipeline ${JSON.stringify(name)}. Pipelines: ${known}`;
      return sendProblem(reply, { status: 404, kind: 'unknown-pipeline', detail });
    }
    return reply
      .header('cache-control', 'no-store')
      .send({ counts: setAside.counts(name), newest: setAside.newest(name) });
  });
}
