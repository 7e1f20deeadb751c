import { ErrorCode } from '../protocol/error-code.ts';
import { saslAuthenticate, saslHandshake } from '../protocol/messages/index.ts';
import { beginExchange, MECHANISMS } from '../network/sasl/exchange.ts';
import { handler } from './handler.ts';

/** Agrees on a way to log in. */
export const saslHandshakeHandler = handler(saslHandshake, {
  handle({ mechanism }, { broker, session }) {
    const mechanisms =
      broker.settings.sasl === undefined ? [] : (broker.settings.sasl.mechanisms ?? MECHANISMS);
    const chosen = mechanisms.find((name) => name === mechanism);
    if (chosen === undefined) return { errorCode: ErrorCode.unsupportedSaslMechanism, mechanisms };
    session.exchange = beginExchange(chosen, broker);
    return { errorCode: ErrorCode.none, mechanisms };
  },
  refuse: (_, errorCode) => ({ errorCode, mechanisms: [] }),
});

/** One step of logging in. */
export const saslAuthenticateHandler = handler(saslAuthenticate, {
  handle({ authBytes }, { broker, session }) {
    const { exchange } = session;
    const nothing = Buffer.alloc(0);
    if (exchange === undefined) {
      const errorMessage = 'SaslAuthenticate must follow a successful SaslHandshake.';
      return { errorCode: ErrorCode.illegalSaslState, errorMessage, authBytes: nothing };
    }
    const step = exchange(authBytes);
    const refused = (errorMessage: string) => {
      session.exchange = undefined;
      return { errorCode: ErrorCode.saslAuthenticationFailed, errorMessage, authBytes: nothing };
    };
    if (step.kind === 'refused') return refused(step.message);
    let sessionLifetimeMs = 0;
    if (step.kind === 'done') {
      if (session.user !== undefined && session.user !== step.user)
        return refused(`Cannot change principals during re-authentication to ${step.user}`);
      const nowMs = broker.clock.now();
      const { maxReauthMs = Infinity } = broker.settings.sasl ?? {};
      const expiresMs = Math.min(nowMs + maxReauthMs, step.expiresMs ?? Infinity);
      if (expiresMs !== Infinity) sessionLifetimeMs = Math.max(1, Math.floor(expiresMs - nowMs));
      Object.assign(session, { exchange: undefined, user: step.user, expiresMs });
    }
    return { errorCode: ErrorCode.none, errorMessage: null, authBytes: step.answer, sessionLifetimeMs };
  },
  refuse: (_, errorCode) => ({ errorCode, errorMessage: null, authBytes: Buffer.alloc(0) }),
});
