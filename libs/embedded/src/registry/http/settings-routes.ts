import type { FastifyInstance } from 'fastify';
import { notFound } from '../errors.ts';
import { compatibilityOf, type CompatibilityQuestion } from '../operations/check-compatibility.ts';
import { deleteConfig, deleteMode, updateConfig, updateMode } from '../operations/settings.ts';
import type { Registry } from '../registry.ts';
import { readSchemaRequest } from '../schemas/candidate.ts';
import { DEFAULT_COMPATIBILITY } from '../state/registry-state.ts';
import { flag, readSubject, readVersion, type Parameters } from './parameters.ts';

interface Call {
  Params: Parameters;
  Querystring: Parameters;
}

/** @see https://docs.confluent.io/platform/current/schema-registry/develop/api.html#config */
export function configRoutes(app: FastifyInstance, registry: Registry): void {
  const { state } = registry;
  app.get('/config', () => ({ compatibilityLevel: DEFAULT_COMPATIBILITY, ...state.config(null) }));
  app.put('/config', ({ body }) => updateConfig(registry, null, body));
  app.delete('/config', () => deleteConfig(registry, null));
  app.get<Call>('/config/:subject', ({ params, query }) => {
    const subject = readSubject(params);
    if (flag(query, 'defaultToGlobal')) return withoutFalse(state.configInScope(subject));
    const config = state.config(subject);
    if (config === undefined) throw notFound.config(subject);
    const { subject: _, ...answer } = config;
    return answer;
  });
  app.put<Call>('/config/:subject', ({ params, body }) => updateConfig(registry, readSubject(params), body));
  app.delete<Call>('/config/:subject', ({ params }) => deleteConfig(registry, readSubject(params)));
}

/** @see https://docs.confluent.io/platform/current/schema-registry/develop/api.html#mode */
export function modeRoutes(app: FastifyInstance, registry: Registry): void {
  const { state } = registry;
  app.get('/mode', () => ({ mode: state.modeInScope(null) }));
  app.put<Call>('/mode', ({ body, query }) => updateMode(registry, null, body, flag(query, 'force')));
  app.delete('/mode', () => deleteMode(registry, null));
  app.get<Call>('/mode/:subject', ({ params, query }) => {
    const subject = readSubject(params);
    const mode = flag(query, 'defaultToGlobal') ? state.modeInScope(subject) : state.mode(subject);
    if (mode === undefined) throw notFound.mode(subject);
    return { mode };
  });
  app.put<Call>('/mode/:subject', ({ params, body, query }) =>
    updateMode(registry, readSubject(params), body, flag(query, 'force')),
  );
  app.delete<Call>('/mode/:subject', ({ params }) => deleteMode(registry, readSubject(params)));
}

/** @see https://docs.confluent.io/platform/current/schema-registry/develop/api.html#compatibility */
export function compatibilityRoutes(app: FastifyInstance, registry: Registry): void {
  const answer = (
    { params, query, body }: { params: Parameters; query: Parameters; body: unknown },
    version: CompatibilityQuestion['version'],
  ) => {
    const verbose = flag(query, 'verbose');
    const messages = compatibilityOf(registry, {
      subject: readSubject(params),
      version,
      request: readSchemaRequest(body),
      normalize: flag(query, 'normalize'),
      verbose,
    });
    return { is_compatible: messages.length === 0, ...(verbose && { messages }) };
  };
  app.post<Call>('/compatibility/subjects/:subject/versions', (call) => answer(call, 'all'));
  app.post<Call>('/compatibility/subjects/:subject/versions/:version', (call) =>
    answer(call, readVersion(call.params)),
  );
}

function withoutFalse({ compatibilityLevel, normalize }: { compatibilityLevel: string; normalize: boolean }) {
  return { compatibilityLevel, ...(normalize && { normalize }) };
}
