import type { Api } from '../protocol/schema.ts';
import { apiVersions, saslAuthenticate, saslHandshake } from '../protocol/messages/index.ts';
import type { SaslExchange } from './sasl/step.ts';

const BEFORE_LOGIN = new Set([apiVersions.key, saslHandshake.key, saslAuthenticate.key]);

/** What a connection knows of its client: whether it has to log in, and how far that is. */
export class Session {
  /** Undefined when nobody is logged in; without SASL everybody is `ANONYMOUS`. */
  user: string | undefined;
  exchange: SaslExchange | undefined;
  /** When the log-in ends: it has to be renewed before. */
  expiresMs = Infinity;

  constructor(needsLogin: boolean) {
    this.user = needsLogin ? undefined : 'ANONYMOUS';
  }

  mayCall(api: Api, nowMs: number): boolean {
    if (this.user === undefined) return BEFORE_LOGIN.has(api.key);
    // As Apache Kafka: nothing may come between the two calls that renew a log-in.
    if (this.exchange !== undefined) return api.key === saslAuthenticate.key;
    return nowMs < this.expiresMs || api.key === saslHandshake.key;
  }
}
