import type { UserCreated } from '@millrace/schemas';

/** Why something is no profile: `rule` is stable and short, `message` names the field and what it should be. */
export interface ProfileFault {
  readonly rule: 'shape' | 'field' | 'too-long';
  readonly message: string;
}

/** What a profile says about its user: the event without what the ingestion adds. */
export type User = Omit<UserCreated, 'ingested_at' | 'run_id' | 'change' | 'simulated'>;

export type ParsedProfile =
  { readonly ok: true; readonly user: User } | { readonly ok: false; readonly fault: ProfileFault };

/** Longest text of a profile that is taken: ten times what names and addresses have. */
export const MAX_TEXT = 1_000;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const yearMs = 365.2425 * 24 * 3_600_000;

class Refusal extends Error {
  readonly fault: ProfileFault;
  constructor(rule: ProfileFault['rule'], message: string) {
    super(message);
    this.fault = { rule, message };
  }
}

/**
 * Flattens and checks one profile of a people API (the form of randomuser.me); `nowMs` decides the age. Id, name, user name,
 * email and country must be there; what else is missing or cannot be read is null.
 *
 * @see https://randomuser.me/documentation
 */
export function parseProfile(raw: unknown, nowMs: number): ParsedProfile {
  try {
    return { ok: true, user: userOf(raw, nowMs) };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, fault: error.fault };
    throw error;
  }
}

function userOf(raw: unknown, nowMs: number): User {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    throw new Refusal('shape', 'a profile is a JSON object with login, name, email and location');
  const id = needed(raw, 'login.uuid');
  if (!uuid.test(id)) throw new Refusal('field', `login.uuid is ${JSON.stringify(id)}; it must be a UUID`);
  const bornMs = timeAt(raw, 'dob.date');
  const street = [textAt(raw, 'location.street.number'), textAt(raw, 'location.street.name')];
  return {
    user_id: id.toLowerCase(),
    registered_at: timeAt(raw, 'registered.date'),
    gender: textAt(raw, 'gender'),
    first_name: needed(raw, 'name.first'),
    last_name: needed(raw, 'name.last'),
    username: needed(raw, 'login.username'),
    email: needed(raw, 'email'),
    phone: textAt(raw, 'phone'),
    cell: textAt(raw, 'cell'),
    date_of_birth: bornMs === null ? null : new Date(bornMs).toISOString().slice(0, 10),
    age: bornMs === null ? null : Math.floor((nowMs - bornMs) / yearMs),
    street: street.filter((part) => part !== null).join(' ') || null,
    city: textAt(raw, 'location.city'),
    postcode: textAt(raw, 'location.postcode'),
    state: textAt(raw, 'location.state'),
    country: needed(raw, 'location.country'),
    nationality: textAt(raw, 'nat'),
    latitude: degreesAt(raw, 'location.coordinates.latitude', 90),
    longitude: degreesAt(raw, 'location.coordinates.longitude', 180),
    timezone: textAt(raw, 'location.timezone.offset'),
    picture_url: textAt(raw, 'picture.large'),
  };
}

function at(raw: object, path: string): unknown {
  let value: unknown = raw;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** Text, or a number as text; null where there is neither. */
function textAt(raw: object, path: string): string | null {
  const value = at(raw, path);
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string' || value.trim() === '') return null;
  if (value.length > MAX_TEXT)
    throw new Refusal('too-long', `${path} has ${value.length} characters; at most ${MAX_TEXT} are taken`);
  return value.trim();
}

function needed(raw: object, path: string): string {
  const text = textAt(raw, path);
  if (text === null)
    throw new Refusal('field', `${path} is ${JSON.stringify(at(raw, path)) ?? 'missing'}; it must be text`);
  return text;
}

function timeAt(raw: object, path: string): number | null {
  const value = at(raw, path);
  const timeMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(timeMs) ? null : timeMs;
}

function degreesAt(raw: object, path: string, limit: number): number | null {
  const value = Number(textAt(raw, path) ?? Number.NaN);
  return Math.abs(value) <= limit ? value : null;
}
