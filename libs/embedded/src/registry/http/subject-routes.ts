import type { FastifyInstance } from 'fastify';
import { notFound } from '../errors.ts';
import { deleteSubject, deleteVersion } from '../operations/delete.ts';
import { register } from '../operations/register.ts';
import type { Registry } from '../registry.ts';
import { candidateOf, readSchemaRequest } from '../schemas/candidate.ts';
import type { SchemaVersion } from '../state/registry-state.ts';
import { versionAnswer } from './answers.ts';
import { flag, page, readSubject, readVersion, type Parameters } from './parameters.ts';

interface Call {
  Params: Parameters;
  Querystring: Parameters;
}

/** @see https://docs.confluent.io/platform/current/schema-registry/develop/api.html#subjects */
export function subjectRoutes(app: FastifyInstance, registry: Registry): void {
  const { state, parsed } = registry;

  app.get<Call>('/subjects', ({ query }) => {
    const prefix = withoutContext(query['subjectPrefix']);
    const which = { deleted: flag(query, 'deleted'), deletedOnly: flag(query, 'deletedOnly') };
    return page(
      state.subjects(which).filter((subject) => subject.startsWith(prefix)),
      query,
    );
  });

  app.post<Call>('/subjects/:subject', ({ params, query, body }) => {
    const subject = readSubject(params);
    const deleted = flag(query, 'deleted');
    const versions = state.versions(subject, { deleted });
    if (versions.length === 0) throw notFound.subject(subject);
    const normalize = flag(query, 'normalize') || state.configInScope(subject).normalize;
    const candidate = candidateOf(readSchemaRequest(body), { state, parsed, normalize });
    const found = versions.findLast(({ schema }) => parsed.content(schema) === candidate.content);
    if (found === undefined) throw notFound.schema();
    return versionAnswer(found);
  });

  app.delete<Call>('/subjects/:subject', ({ params, query }) =>
    deleteSubject(registry, readSubject(params), flag(query, 'permanent')),
  );

  app.get<Call>('/subjects/:subject/versions', ({ params, query }) => {
    const subject = readSubject(params);
    const deletedOnly = flag(query, 'deletedOnly');
    const deleted = flag(query, 'deleted') || deletedOnly;
    if (state.versions(subject, { deleted }).length === 0) throw notFound.subject(subject);
    const versions = state.versions(subject, { deleted, deletedOnly });
    return page(
      versions.map(({ version }) => version),
      query,
    );
  });

  app.post<Call>('/subjects/:subject/versions', async ({ params, query, body }) => {
    const subject = readSubject(params);
    return { id: await register(registry, subject, readSchemaRequest(body), flag(query, 'normalize')) };
  });

  app.get<Call>('/subjects/:subject/versions/:version', ({ params, query }) =>
    versionAnswer(findVersion(registry, params, flag(query, 'deleted'))),
  );

  app.get<Call>('/subjects/:subject/versions/:version/schema', ({ params, query }, reply) => {
    const { schema } = findVersion(registry, params, flag(query, 'deleted'));
    return reply.serializer(String).send(schema.text);
  });

  app.get<Call>('/subjects/:subject/versions/:version/referencedby', ({ params, query }) => {
    const { subject, version } = findVersion(registry, params, true);
    const referrers = state.referrers(subject, version, flag(query, 'deleted'));
    return page([...new Set(referrers.map(({ schema }) => schema.id))].sort(ascending), query);
  });

  app.delete<Call>('/subjects/:subject/versions/:version', ({ params, query }) =>
    deleteVersion(registry, {
      subject: readSubject(params),
      version: readVersion(params),
      permanent: flag(query, 'permanent'),
    }),
  );
}

/** @throws RestError 40401, 40402, 42202, 42208 */
export function findVersion({ state }: Registry, params: Parameters, deleted: boolean): SchemaVersion {
  const subject = readSubject(params);
  const wanted = readVersion(params);
  const versions = state.versions(subject, { deleted });
  if (versions.length === 0) throw notFound.subject(subject);
  const found = wanted === 'latest' ? versions.at(-1) : versions.find(({ version }) => version === wanted);
  if (found === undefined) throw notFound.version(wanted);
  return found;
}

/** Only the default context is there; `:*:` asks for all contexts. */
export function withoutContext(prefix: string | string[] | undefined): string {
  return String(prefix ?? '').replace(/^:(\.|\*):/, '');
}

export function ascending(left: number, right: number): number {
  return left - right;
}
