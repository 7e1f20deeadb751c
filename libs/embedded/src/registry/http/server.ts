import { fastify, type FastifyError, type FastifyInstance } from 'fastify';
import { RestError } from '../errors.ts';
import type { Registry } from '../registry.ts';
import { GENERIC_TYPE, MEDIA_TYPES, negotiate } from './media-types.ts';
import { schemaRoutes } from './schema-routes.ts';
import { compatibilityRoutes, configRoutes, modeRoutes } from './settings-routes.ts';
import { subjectRoutes } from './subject-routes.ts';

/** A schema may have 1 MB; escaped as a JSON string inside a body it may be several times as long. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** Beyond any subject that is accepted; longer paths never reach a route. */
const MAX_PARAMETER_CHARACTERS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;

/** The REST API as a server that does not listen yet. */
export function createServer(registry: Registry): FastifyInstance {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: MAX_PARAMETER_CHARACTERS, ignoreTrailingSlash: true },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([...MEDIA_TYPES, GENERIC_TYPE], { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? null : JSON.parse(String(body)));
    } catch (error) {
      done(new RestError(400, `the body is not JSON: ${(error as Error).message}`));
    }
  });
  app.addHook('onRequest', async (request) => {
    request.headers['content-type'] ??= GENERIC_TYPE;
    if (negotiate(request.headers.accept) === undefined) throw new RestError(406, 'HTTP 406 Not Acceptable');
  });
  app.addHook('preHandler', () => registry.refresh());
  // At the end, for answers of all kinds, and without the charset that fastify would add: JSON has none.
  app.addHook('onSend', async (request, reply, payload) => {
    reply.header('content-type', negotiate(request.headers.accept) ?? MEDIA_TYPES[0]);
    return payload;
  });
  // Every answer is JSON, bare numbers and strings too.
  app.setReplySerializer((payload) => JSON.stringify(payload));
  app.setErrorHandler((error: FastifyError | RestError, _request, reply) => {
    const [status, errorCode, message] = describeError(error);
    return reply.status(status).send({ error_code: errorCode, message });
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.status(404).send({ error_code: 404, message: 'HTTP 404 Not Found' }),
  );

  app.get('/', () => ({}));
  app.get('/contexts', () => ['.']);
  subjectRoutes(app, registry);
  schemaRoutes(app, registry);
  compatibilityRoutes(app, registry);
  configRoutes(app, registry);
  modeRoutes(app, registry);
  return app;
}

function describeError(
  error: FastifyError | RestError,
): [status: number, errorCode: number, message: string] {
  if (error instanceof RestError) return [error.status, error.errorCode, error.message];
  const status = error.statusCode ?? 500;
  // What we did not foresee is our fault, and its details are none of the client's business.
  return status >= 500 ? [500, 50001, 'Error in the schema registry'] : [status, status, error.message];
}
