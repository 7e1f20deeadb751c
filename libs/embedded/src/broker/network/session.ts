import type { Api } from '../protocol/schema.ts';
import { apiVersions, saslAuthenticate, saslHandshake } from '../protocol/messages/index.ts';
import type { SaslExchange } from './sasl/step.ts';

const BEFORE_LOGIN = new Set([apiVersions.key, saslHandshake.key, saslAuthenticate.key]);

/** What a connection knows of its client: whether it has to log in, and how far that is. */
export class Session {
  /** Undefined when nobody is logged in; without SASL everybody is `ANONYMOUS`. */
  user: string | undefined;
  exchange: SaslExchange | undefined;

  constructor(needsLogin: boolean) {
    this.user = needsLogin ? undefined : 'ANONYMOUS';
  }

  mayCall(api: Api): boolean {
    return this.user !== undefined || BEFORE_LOGIN.has(api.key);
  }
}
