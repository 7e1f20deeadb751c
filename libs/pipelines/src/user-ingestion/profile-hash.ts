import { createHash } from 'node:crypto';
import type { User } from './profile.ts';

/** 96 bits tell profiles of one user apart. */
const LENGTH = 16;

/** Equal for equal profiles. The age is left out: a birthday is no change of the profile. */
export function profileHash(user: User): string {
  const fields = Object.entries(user).filter(([name]) => name !== 'age');
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(fields)).digest('base64url').slice(0, LENGTH);
}
