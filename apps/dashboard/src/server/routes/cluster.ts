import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Cluster } from '../cluster/cluster.ts';
import { sendProblem } from '../problem.ts';

const DEFAULT_MESSAGES = 50;
/** A page of some hundred kilobytes. */
const MAX_MESSAGES = 200;

const query = z
  .strictObject({
    partition: z.coerce.number().int().min(0).optional(),
    before: z.coerce.number().int().min(0).optional(),
    limit: z.coerce.number().int().min(1).max(MAX_MESSAGES).default(DEFAULT_MESSAGES),
  })
  .refine(({ partition, before }) => before === undefined || partition !== undefined, {
    path: ['before'],
    message: 'is an offset of one partition: name the partition',
  });

/**
 * `GET /api/cluster/…`, what the brokers and the registry hold: `topics`, `topics/:topic`,
 * `topics/:topic/messages?partition&before&limit` (committed ones, newest first), `groups`, `subjects`, `subjects/:subject`.
 */
export function serveCluster(server: FastifyInstance, cluster: Cluster): void {
  const list = (path: string, answer: () => Promise<readonly unknown[]>) =>
    server.get(path, async (_request, reply) =>
      reply.header('cache-control', 'no-store').send(await answer()),
    );
  list('/api/cluster/topics', () => cluster.topics());
  list('/api/cluster/groups', () => cluster.groups());
  list('/api/cluster/subjects', () => cluster.subjects());

  server.get<{ Params: { subject: string } }>('/api/cluster/subjects/:subject', async (request, reply) => {
    const subject = await cluster.subject(request.params.subject);
    if (subject === undefined) return sendProblem(reply, unknown('subject', request.params.subject));
    return reply.header('cache-control', 'no-store').send(subject);
  });
  server.get<{ Params: { topic: string } }>('/api/cluster/topics/:topic', async (request, reply) => {
    const topic = await cluster.topic(request.params.topic);
    if (topic === undefined) return sendProblem(reply, unknown('topic', request.params.topic));
    return reply.header('cache-control', 'no-store').send(topic);
  });

  server.get<{ Params: { topic: string } }>('/api/cluster/topics/:topic/messages', async (request, reply) => {
    const parsed = query.safeParse(request.query);
    if (!parsed.success) {
      return sendProblem(reply, {
        status: 400,
        kind: 'bad-query',
        detail: `The query takes partition, before (an offset) and limit (up to ${MAX_MESSAGES})`,
        errors: parsed.error.issues.map(({ path, message }) => ({ name: path.join('.'), detail: message })),
      });
    }
    const { topic: name } = request.params;
    const messages = await cluster.messages({ topic: name, ...parsed.data });
    if (messages === undefined) return sendProblem(reply, unknown('topic', name));
    return reply.header('cache-control', 'no-store').send(messages);
  });
}

const unknown = (what: 'topic' | 'subject', name: string) => ({
  status: 404,
  kind: `unknown-${what}`,
  detail: `There is no ${what} ${JSON.stringify(name)}. GET /api/cluster/${what}s names those that there are`,
});
