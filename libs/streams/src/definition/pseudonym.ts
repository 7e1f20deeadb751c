import { createHmac } from 'node:crypto';

/** Known to everybody: for development only. `MILLRACE_PII_KEY` sets another. */
const DEVELOPMENT_KEY = 'millrace-development';
/** 132 bits: no two people get the same one by chance. */
const LENGTH = 22;

/**
 * What stands for a value about a person outside the raw topic: the same for the same value and key everywhere, and without
 * the key (`MILLRACE_PII_KEY`) neither computed nor turned back. HMAC-SHA-256, base64url.
 */
export function pseudonymOf(value: unknown): string {
  const key = process.env['MILLRACE_PII_KEY'] || DEVELOPMENT_KEY;
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return createHmac('sha256', key).update(text).digest('base64url').slice(0, LENGTH);
}
