import type { Health } from '@millrace/views';
import type { FastifyInstance } from 'fastify';

export interface Check {
  readonly name: string;
  readonly status: () => { readonly ok: boolean; readonly detail: string };
}

/** Tells `starting` until every check was good once, from then on `ok` or `degraded`. */
export function healthOf(checks: readonly Check[], version: string): () => Health {
  const wasGood = new Set<string>();
  return () => {
    const results = checks.map(({ name, status }) => ({ name, ...status() }));
    for (const { name, ok } of results) if (ok) wasGood.add(name);
    const allGood = results.every(({ ok }) => ok);
    const status = wasGood.size < checks.length ? 'starting' : allGood ? 'ok' : 'degraded';
    return { status, checks: results, version };
  };
}

/** `GET /api/health`: 200 whatever the state, since the server itself answers. */
export function serveHealth(server: FastifyInstance, health: () => Health): void {
  server.get('/api/health', (_request, reply) => reply.header('cache-control', 'no-store').send(health()));
}
