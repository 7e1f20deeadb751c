import { COMPATIBILITY_MODES, type CompatibilityMode } from '@millrace/avro';
import { RegistryError } from '../errors.ts';
import type { RegisteredSchema, Registry, SchemaById } from './registry.ts';
import { requester, type RegistryConnection } from './request.ts';

/** A client of the registry at `url`. Nothing is sent before the first call. */
export function connectRegistry(connection: RegistryConnection): Registry {
  const request = requester(connection);
  const subjectPath = (subject: string) => `/subjects/${encodeURIComponent(subject)}`;

  const version = async (subject: string, which: number | 'latest') => {
    const answer = await request<Partial<RegisteredSchema>>(
      'GET',
      `${subjectPath(subject)}/versions/${which}`,
      {
        absent: [404],
      },
    );
    return answer === undefined ? undefined : registered(subject, answer);
  };

  return {
    url: connection.url,
    async ready() {
      await request('GET', '/config');
    },
    subjects: async () => (await request<string[]>('GET', '/subjects')) ?? [],
    versions: async (subject) =>
      (await request<number[]>('GET', `${subjectPath(subject)}/versions`, { absent: [404] })) ?? [],
    version,
    latest: (subject) => version(subject, 'latest'),
    async byId(id) {
      const answer = await request<Partial<SchemaById>>('GET', `/schemas/ids/${id}`, { absent: [404] });
      if (answer === undefined) return undefined;
      if (typeof answer.schema !== 'string') throw unexpected(`schema ${id}`);
      return {
        schema: answer.schema,
        schemaType: answer.schemaType ?? 'AVRO',
        references: answer.references ?? [],
      };
    },
    async register(subject, schema) {
      const answer = await request<{ id?: number }>('POST', `${subjectPath(subject)}/versions`, {
        body: { schema },
      });
      if (typeof answer?.id !== 'number') throw unexpected(`the registration of "${subject}"`);
      return answer.id;
    },
    async lookup(subject, schema) {
      const answer = await request<Partial<RegisteredSchema>>('POST', subjectPath(subject), {
        body: { schema },
        absent: [404],
      });
      return answer === undefined ? undefined : registered(subject, answer);
    },
    async compatibility(subject) {
      const path = `/config/${encodeURIComponent(subject)}?defaultToGlobal=true`;
      const own = await request<{ compatibilityLevel?: string }>('GET', path, { absent: [404] });
      const answer = own ?? (await request<{ compatibilityLevel?: string }>('GET', '/config'));
      return mode(answer?.compatibilityLevel);
    },
    async setCompatibility(subject, compatibility) {
      await request('PUT', `/config/${encodeURIComponent(subject)}`, { body: { compatibility } });
    },
    async checkCompatibility(subject, schema) {
      const path = `/compatibility${subjectPath(subject)}/versions/latest?verbose=true`;
      const answer = await request<{ is_compatible?: boolean; messages?: string[] }>('POST', path, {
        body: { schema },
        absent: [404],
      });
      return { compatible: answer?.is_compatible ?? true, messages: answer?.messages ?? [] };
    },
  };
}

function registered(subject: string, answer: Partial<RegisteredSchema>): RegisteredSchema {
  const { id, version, schema } = answer;
  if (typeof id !== 'number' || typeof version !== 'number' || typeof schema !== 'string') {
    throw unexpected(`subject "${subject}"`);
  }
  return { subject, id, version, schema };
}

function mode(level: string | undefined): CompatibilityMode {
  const known = COMPATIBILITY_MODES.find((candidate) => candidate === level);
  if (known === undefined) throw unexpected(`the compatibility mode (${String(level)})`);
  return known;
}

function unexpected(what: string): RegistryError {
  return new RegistryError(
    'SCHEMAS_REGISTRY_ANSWER',
    `the registry answered something else than a schema registry does when asked for ${what}; check its URL`,
  );
}
