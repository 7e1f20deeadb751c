import { notFound, RestError, unprocessable } from '../errors.ts';
import type { Registry } from '../registry.ts';
import type { ConfigValue, RegistryRecord } from '../state/records.ts';
import { DEFAULT_MODE } from '../state/registry-state.ts';
import { checkWritable } from './check-writable.ts';
import { modeOf } from './check-compatibility.ts';

const MODES = ['READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'IMPORT'];

/** Of one subject, or of all (null). Resolves to what was set. @throws RestError 42203, 42205 */
export function updateConfig(registry: Registry, subject: string | null, body: unknown): Promise<object> {
  return registry.write<object>((state) => {
    const { compatibility, normalize } = objectBody(body);
    checkWritable(state, subject);
    const level = compatibility == null ? undefined : modeOf(compatibility);
    if (normalize != null && typeof normalize !== 'boolean')
      throw new RestError(422, '"normalize" must be a boolean');
    const value: ConfigValue = {
      ...state.config(subject),
      ...(subject !== null && { subject }),
      ...(level !== undefined && { compatibilityLevel: level }),
      ...(typeof normalize === 'boolean' && { normalize }),
    };
    const answer = {
      ...(level !== undefined && { compatibility: level }),
      ...(typeof normalize === 'boolean' && { normalize }),
    };
    return { records: [{ keytype: 'CONFIG', subject, value }], answer };
  });
}

/** Resolves to what was set before. @throws RestError 42205; 40401 where the subject has no config of its own */
export function deleteConfig(registry: Registry, subject: string | null): Promise<object> {
  return registry.write<object>((state) => {
    const config = state.config(subject);
    if (config === undefined && subject !== null) throw notFound.subject(subject);
    checkWritable(state, subject);
    const records: RegistryRecord[] =
      config === undefined ? [] : [{ keytype: 'CONFIG', subject, value: null }];
    const { subject: _, ...previous } = config ?? {};
    return {
      records,
      answer: config ? previous : { compatibilityLevel: state.configInScope(null).compatibilityLevel },
    };
  });
}

/** Of one subject, or of all (null). Resolves to what was set. @throws RestError 42204, 42205 */
export function updateMode(
  registry: Registry,
  subject: string | null,
  body: unknown,
  force: boolean,
): Promise<object> {
  return registry.write<object>((state) => {
    const { mode: given } = objectBody(body);
    const mode = typeof given === 'string' ? given.toUpperCase() : '';
    if (!MODES.includes(mode)) throw unprocessable.mode(given);
    if (mode === 'IMPORT' && state.modeInScope(subject) !== 'IMPORT' && !force) {
      const taken = subject === null ? state.subjects().length > 0 : state.versions(subject).length > 0;
      if (taken) throw unprocessable.notPermitted('Cannot import since found existing subjects');
    }
    return {
      records: [{ keytype: 'MODE', subject, value: { ...(subject !== null && { subject }), mode } }],
      answer: { mode },
    };
  });
}

/** Resolves to what was set before. @throws RestError 40401 where the subject has no mode of its own */
export function deleteMode(registry: Registry, subject: string | null): Promise<object> {
  return registry.write<object>((state) => {
    const mode = state.mode(subject);
    if (mode === undefined && subject !== null) throw notFound.subject(subject);
    const records: RegistryRecord[] = mode === undefined ? [] : [{ keytype: 'MODE', subject, value: null }];
    return { records, answer: { mode: mode ?? DEFAULT_MODE } };
  });
}

function objectBody(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new RestError(422, 'the body must be a JSON object');
  }
  return body as Record<string, unknown>;
}
