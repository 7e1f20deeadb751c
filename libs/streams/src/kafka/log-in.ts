import {
  saslAuthenticateV2,
  saslHandshakeV1,
  saslOAuthBearer,
  saslPlain,
  saslScramSha,
} from '@platformatic/kafka';
import type { Connection, SASLOptions } from '@platformatic/kafka';
import { StreamsError } from '../errors.ts';
import { messageOf } from './broker-error.ts';

const authenticateApi = saslAuthenticateV2.api;
type Answer = Awaited<ReturnType<typeof authenticateApi.async>>;

interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly token: string;
  readonly extensions: Record<string, string>;
}

/**
 * Logs a connection in; gives for how long that holds, 0 for always.
 * @throws STREAMS_LOGIN when the broker refuses it; retriable when there are no credentials just now
 */
export async function logIn(connection: Connection, sasl: SASLOptions): Promise<number> {
  const credentials = await credentialsOf(sasl);
  try {
    await saslHandshakeV1.api.async(connection, sasl.mechanism);
    const { sessionLifetimeMs, authBytes } = await exchange(connection, sasl, credentials);
    // A token that is refused is not an error of the protocol: the client is to say first that it has understood.
    if (sasl.mechanism === 'OAUTHBEARER' && authBytes.length > 0) throw new Error(String(authBytes));
    const { authBytesValidator } = sasl;
    if (authBytesValidator !== undefined)
      await new Promise<void>((resolve, reject) => {
        authBytesValidator(authBytes, (error) => (error === null ? resolve() : reject(error)));
      });
    return Number(sessionLifetimeMs);
  } catch (error) {
    let cause = error as Error;
    while (cause.cause instanceof Error) cause = cause.cause;
    // The connection was lost.
    if (cause instanceof StreamsError) throw cause;
    throw new StreamsError(
      'STREAMS_LOGIN',
      `the broker refuses the log-in by ${sasl.mechanism}: ${messageOf(cause)}; look at sasl, and at what the broker's listener takes`,
      { cause },
    );
  }
}

/** What is sent, asked for anew for each log-in where functions give it. */
async function credentialsOf(sasl: SASLOptions): Promise<Credentials> {
  const valueOf = async <T>(given: T | (() => T | Promise<T>) | undefined, otherwise: T): Promise<T> =>
    (typeof given === 'function' ? await (given as () => T | Promise<T>)() : given) ?? otherwise;
  try {
    return {
      username: await valueOf(sasl.username, ''),
      password: await valueOf(sasl.password, ''),
      token: await valueOf(sasl.token, ''),
      extensions: await valueOf(sasl.oauthBearerExtensions, {}),
    };
  } catch (cause) {
    const message = `there are no credentials for the log-in by ${sasl.mechanism}: ${messageOf(cause)}`;
    throw new StreamsError('STREAMS_LOGIN', message, { cause, retriable: true });
  }
}

function exchange(connection: Connection, sasl: SASLOptions, credentials: Credentials): Promise<Answer> {
  const { mechanism, authenticate } = sasl;
  const { username, password, token, extensions } = credentials;
  if (authenticate !== undefined)
    return new Promise((resolve, reject) => {
      authenticate(mechanism, connection, authenticateApi, username, password, token, (error, answer) =>
        error === null ? resolve(answer!) : reject(error),
      );
    });
  switch (mechanism) {
    case 'PLAIN':
      return saslPlain.authenticate(authenticateApi, connection, username, password);
    case 'OAUTHBEARER':
      return saslOAuthBearer.authenticate(authenticateApi, connection, token, extensions);
    case 'SCRAM-SHA-256':
      return saslScramSha.authenticate(authenticateApi, connection, 'SHA-256', username, password);
    case 'SCRAM-SHA-512':
      return saslScramSha.authenticate(authenticateApi, connection, 'SHA-512', username, password);
    default:
      throw new TypeError(`${mechanism} needs an authenticate function`);
  }
}
