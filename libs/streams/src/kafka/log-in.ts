import {
  saslAuthenticateV2,
  saslHandshakeV1,
  saslOAuthBearer,
  saslPlain,
  saslScramSha,
} from '@platformatic/kafka';
import type { Connection, SASLOptions } from '@platformatic/kafka';

const authenticateApi = saslAuthenticateV2.api;
type Answer = Awaited<ReturnType<typeof authenticateApi.async>>;

/** Logs a connection in; gives for how long that holds, 0 for always. */
export async function logIn(connection: Connection, sasl: SASLOptions): Promise<number> {
  await saslHandshakeV1.api.async(connection, sasl.mechanism);
  const { sessionLifetimeMs, authBytes } = await exchange(connection, sasl);
  const { authBytesValidator } = sasl;
  if (authBytesValidator !== undefined)
    await new Promise<void>((resolve, reject) => {
      authBytesValidator(authBytes, (error) => (error === null ? resolve() : reject(error)));
    });
  return Number(sessionLifetimeMs);
}

function exchange(connection: Connection, sasl: SASLOptions): Promise<Answer> {
  const { mechanism, username = '', password = '', token = '', oauthBearerExtensions = {} } = sasl;
  if (sasl.authenticate !== undefined) {
    const { authenticate } = sasl;
    return new Promise((resolve, reject) => {
      authenticate(
        mechanism,
        connection,
        authenticateApi,
        sasl.username,
        sasl.password,
        sasl.token,
        (error, answer) => (error === null ? resolve(answer!) : reject(error)),
      );
    });
  }
  switch (mechanism) {
    case 'PLAIN':
      return saslPlain.authenticate(authenticateApi, connection, username, password);
    case 'OAUTHBEARER':
      return saslOAuthBearer.authenticate(authenticateApi, connection, token, oauthBearerExtensions);
    case 'SCRAM-SHA-256':
      return saslScramSha.authenticate(authenticateApi, connection, 'SHA-256', username, password);
    case 'SCRAM-SHA-512':
      return saslScramSha.authenticate(authenticateApi, connection, 'SHA-512', username, password);
    default:
      throw new TypeError(`SASL mechanism ${mechanism} needs an authenticate function`);
  }
}
