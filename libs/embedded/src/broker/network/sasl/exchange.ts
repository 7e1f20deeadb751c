import { createHash, timingSafeEqual } from 'node:crypto';
import type { SaslMechanism } from '../../settings.ts';
import type { Clock } from '../../clock.ts';
import type { Credentials } from './credentials.ts';
import { oauthBearer } from './oauth-bearer.ts';
import { scram } from './scram.ts';
import { REFUSED, type SaslExchange } from './step.ts';

/** Those by passwords. */
export const MECHANISMS: readonly SaslMechanism[] = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'];

/** Begins to log a client in. */
export function beginExchange(
  mechanism: SaslMechanism,
  { credentials, clock }: { readonly credentials: Credentials; readonly clock: Clock },
): SaslExchange {
  if (mechanism === 'PLAIN') return plain(credentials);
  if (mechanism === 'OAUTHBEARER') return oauthBearer(() => clock.now());
  return scram(credentials, mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512');
}

function plain(credentials: Credentials): SaslExchange {
  return (said) => {
    const [authorise, user, password, ...rest] = said.toString('utf8').split('\0');
    if (user === undefined || password === undefined || rest.length > 0) return REFUSED;
    if (authorise !== '' && authorise !== user) return REFUSED;
    const expected = credentials.password(user);
    if (expected === undefined || !timingSafeEqual(digest(expected), digest(password))) return REFUSED;
    return { kind: 'done', answer: Buffer.alloc(0), user };
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
