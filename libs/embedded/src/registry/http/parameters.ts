import { RestError, unprocessable } from '../errors.ts';

/** Subjects end up in keys of the topic and in URLs. */
const MAX_SUBJECT_CHARACTERS = 1_000;
const MAX_VERSION = 2 ** 31 - 1;
const DEFAULT_CONTEXT = ':.:';

export interface Parameters {
  readonly [name: string]: string | string[] | undefined;
}

/** @throws RestError 42208 for a subject that is empty, too long, or has control characters */
export function readSubject(params: Parameters): string {
  const given = params['subject'];
  const subject = typeof given === 'string' ? given : '';
  const name = subject.startsWith(DEFAULT_CONTEXT) ? subject.slice(DEFAULT_CONTEXT.length) : subject;
  if (name === '' || name.length > MAX_SUBJECT_CHARACTERS || /\p{Cc}/u.test(name) || name.startsWith(':.')) {
    throw unprocessable.subject(subject);
  }
  return name;
}

/** @throws RestError 42202 */
export function readVersion(params: Parameters): number | 'latest' {
  const given = String(params['version']).trim();
  if (given.toLowerCase() === 'latest' || given === '-1') return 'latest';
  const version = /^\+?\d+$/.test(given) ? Number(given) : NaN;
  if (!(version >= 1 && version <= MAX_VERSION)) throw unprocessable.version(given.slice(0, 100));
  return version;
}

/** @throws RestError 404 for what is no integer, as for a path that does not exist */
export function readId(params: Parameters): number {
  const id = Number(params['id']);
  if (!/^-?\d+$/.test(String(params['id'])) || Math.abs(id) > MAX_VERSION) {
    throw new RestError(404, 'HTTP 404 Not Found');
  }
  return id;
}

export function flag(query: Parameters, name: string): boolean {
  return String(query[name]).toLowerCase() === 'true';
}

/** The page that `offset` and `limit` ask for; a negative limit means all. */
export function page<T>(all: readonly T[], query: Parameters): T[] {
  const offset = Math.max(0, Number(query['offset'] ?? 0) || 0);
  const limit = Number(query['limit'] ?? -1);
  return all.slice(offset, Number.isFinite(limit) && limit >= 0 ? offset + limit : undefined);
}
