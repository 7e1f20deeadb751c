import type { SaslExchange, Step } from './step.ts';

/** What a client says when it has been told that its token is of no use. */
const ACKNOWLEDGED = '\x01';
const INVALID_TOKEN = '{"status":"invalid_token"}';

/**
 * The server's side of OAUTHBEARER, with unsecured tokens, as Apache Kafka takes them unless it is told where keys are: anybody can
 * write one, so they are for development.
 * @see https://www.rfc-editor.org/rfc/rfc7628, https://www.rfc-editor.org/rfc/rfc7519#section-6
 */
export function oauthBearer(nowMs: () => number): SaslExchange {
  let isInvalid = false;
  return (said): Step => {
    const text = said.toString('utf8');
    if (isInvalid) return { kind: 'refused', message: text === ACKNOWLEDGED ? INVALID_TOKEN : 'Not a token' };
    const [, authorise, token] = /^n,(?:a=([^,]*))?,\x01auth=Bearer +([^\x01]+)\x01/i.exec(text) ?? [];
    const claims = token === undefined ? undefined : claimsOf(token);
    if (claims === undefined || claims.expiresMs <= nowMs() || (authorise ?? claims.user) !== claims.user) {
      isInvalid = true;
      return { kind: 'more', answer: Buffer.from(INVALID_TOKEN) };
    }
    return { kind: 'done', answer: Buffer.alloc(0), ...claims };
  };
}

/** Whom a token is for and how long; undefined if it is none, or signed. */
function claimsOf(token: string): { user: string; expiresMs: number } | undefined {
  const [header, payload, signature, ...rest] = token.split('.');
  if (signature !== '' || rest.length > 0) return undefined;
  const { sub, exp } = objectIn(payload!);
  if (objectIn(header!)['alg'] !== 'none' || typeof sub !== 'string' || typeof exp !== 'number')
    return undefined;
  return sub === '' ? undefined : { user: sub, expiresMs: exp * 1_000 };
}

function objectIn(part: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))) as Record<string, unknown>;
  } catch {
    return {};
  }
}
