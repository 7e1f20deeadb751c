import { createHmac } from 'node:crypto';

/** Known to everybody: for development only. `MILLRACE_PII_KEY` sets another. */
const DEVELOPMENT_KEY = 'millrace-development';
/** 132 bits: no two people get the same one by chance. */
const LENGTH = 22;
const shape = new RegExp(`^pii:[\\w-]{${LENGTH}}$`);

/**
 * What stands for a value about a person outside the raw topic: the same for the same value and key everywhere, and without
 * the key (`MILLRACE_PII_KEY`) neither computed nor turned back. HMAC-SHA-256, base64url, behind `pii:`. A pseudonym is its
 * own, so that masking what is masked already (events of the lake) changes nothing.
 */
export function pseudonymOf(value: unknown): string {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (shape.test(text)) return text;
  const key = process.env['MILLRACE_PII_KEY'] || DEVELOPMENT_KEY;
  return `pii:${createHmac('sha256', key).update(text).digest('base64url').slice(0, LENGTH)}`;
}
