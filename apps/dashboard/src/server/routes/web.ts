import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { sendProblem } from '../problem.ts';

/**
 * Serves the built web folder: hashed assets for ever, the page itself asked for anew each time. Pages of the app
 * (`/`, `/pipelines/…`, `/kafka…`) get `index.html`, anything else a 404 as problem JSON.
 */
export async function serveWeb(server: FastifyInstance, folder: string): Promise<void> {
  const isBuilt = existsSync(join(folder, 'index.html'));
  if (isBuilt) {
    await server.register(fastifyStatic, {
      root: folder,
      cacheControl: false,
      setHeaders(response, path) {
        const isHashed = path.startsWith(join(folder, 'assets'));
        void response.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
      index: 'index.html',
      dotfiles: 'ignore',
    });
    for (const page of ['/pipelines/:name', '/kafka', '/kafka/:part', '/kafka/topics/:topic']) {
      server.get(page, (_request, reply) => reply.sendFile('index.html'));
    }
  }
  server.setNotFoundHandler((request, reply) => {
    const isRoot = request.url === '/' && !isBuilt;
    return sendProblem(reply, {
      status: 404,
      kind: 'not-found',
      detail: isRoot
        ? `The web pages are not built: npm run build -w apps/dashboard makes them (looked in ${folder})`
        : `There is nothing at ${request.method} ${request.url}`,
    });
  });
}
