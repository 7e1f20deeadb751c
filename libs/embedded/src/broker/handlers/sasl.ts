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
    session.exchange = beginExchange(chosen, broker.credentials);
    return { errorCode: ErrorCode.none, mechanisms };
  },
  refuse: (_, errorCode) => ({ errorCode, mechanisms: [] }),
});

/** One step of logging in. */
export const saslAuthenticateHandler = handler(saslAuthenticate, {
  handle({ authBytes }, { session }) {
    const { exchange } = session;
    const nothing = Buffer.alloc(0);
    if (exchange === undefined) {
      const errorMessage = 'SaslAuthenticate must follow a successful SaslHandshake.';
      return { errorCode: ErrorCode.illegalSaslState, errorMessage, authBytes: nothing };
    }
    const step = exchange(authBytes);
    if (step.kind === 'refused') {
      session.exchange = undefined;
      return {
        errorCode: ErrorCode.saslAuthenticationFailed,
        errorMessage: step.message,
        authBytes: nothing,
      };
    }
    if (step.kind === 'done') {
      session.exchange = undefined;
      session.user = step.user;
    }
    return { errorCode: ErrorCode.none, errorMessage: null, authBytes: step.answer };
  },
  refuse: (_, errorCode) => ({ errorCode, errorMessage: null, authBytes: Buffer.alloc(0) }),
});
