import type { FastifyInstance } from 'fastify';
import { notFound } from '../errors.ts';
import type { Registry } from '../registry.ts';
import type { StoredSchema } from '../state/registry-state.ts';
import { schemaAnswer, versionAnswer } from './answers.ts';
import { flag, page, readId, type Parameters } from './parameters.ts';
import { withoutContext } from './subject-routes.ts';

interface Call {
  Params: Parameters;
  Querystring: Parameters;
}

/** @see https://docs.confluent.io/platform/current/schema-registry/develop/api.html#schemas */
export function schemaRoutes(app: FastifyInstance, { state }: Registry): void {
  const find = (params: Parameters): StoredSchema => {
    const id = readId(params);
    const schema = state.schema(id);
    if (schema === undefined) throw notFound.schemaId(id);
    return schema;
  };
  const usesOf = (schema: StoredSchema, query: Parameters) =>
    [...schema.uses]
      .filter((one) => flag(query, 'deleted') || !one.deleted)
      .filter(({ subject }) => query['subject'] === undefined || query['subject'] === subject)
      .sort((left, right) =>
        left.subject < right.subject ? -1 : left.subject > right.subject ? 1 : left.version - right.version,
      );

  app.get<Call>('/schemas', ({ query }) => {
    const prefix = withoutContext(query['subjectPrefix']);
    const which = { deleted: flag(query, 'deleted') };
    const all = state
      .subjects(which)
      .filter((subject) => subject.startsWith(prefix))
      .flatMap((subject) => state.versions(subject, which).slice(flag(query, 'latestOnly') ? -1 : 0));
    return page(all, query).map(versionAnswer);
  });

  app.get('/schemas/types', () => ['AVRO']);

  app.get<Call>('/schemas/ids/:id', ({ params, query }) => ({
    ...schemaAnswer(find(params)),
    ...(flag(query, 'fetchMaxId') && { maxId: state.maxId }),
  }));

  app.get<Call>('/schemas/ids/:id/schema', ({ params }, reply) =>
    reply.serializer(String).send(find(params).text),
  );

  app.get<Call>('/schemas/ids/:id/subjects', ({ params, query }) =>
    page([...new Set(usesOf(find(params), query).map(({ subject }) => subject))], query),
  );

  app.get<Call>('/schemas/ids/:id/versions', ({ params, query }) =>
    page(
      usesOf(find(params), query).map(({ subject, version }) => ({ subject, version })),
      query,
    ),
  );
}
