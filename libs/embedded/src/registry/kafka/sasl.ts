import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { ErrorCode } from '../../broker/protocol/error-code.ts';
import { saslAuthenticate } from '../../broker/protocol/messages/sasl-authenticate.ts';
import { saslHandshake } from '../../broker/protocol/messages/sasl-handshake.ts';
import { RegistryError } from '../errors.ts';
import type { KafkaConnection } from './connection.ts';

export interface SaslLogin {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  readonly username: string;
  readonly password: string;
}

const HANDSHAKE_VERSION = 1;
const AUTHENTICATE_VERSION = 2;
/** Brokers take 4,096 by default; a hostile one could ask for hours of work. */
const MAX_ITERATIONS = 1_000_000;

/** Logs the connection in. @throws REGISTRY_LOGIN when the broker refuses mechanism, user or password */
export async function logIn(connection: KafkaConnection, login: SaslLogin): Promise<void> {
  const { mechanism, username } = login;
  const { errorCode, mechanisms } = await connection.send(saslHandshake, HANDSHAKE_VERSION, { mechanism });
  if (errorCode !== ErrorCode.none) {
    throw refused(`the broker does not take ${mechanism}; it takes ${mechanisms.join(', ') || 'no SASL'}`);
  }
  const exchange = async (message: string): Promise<string> => {
    const answer = await connection.send(saslAuthenticate, AUTHENTICATE_VERSION, {
      authBytes: Buffer.from(message),
    });
    if (answer.errorCode !== ErrorCode.none) {
      throw refused(
        `the broker does not let user "${username}" in: ${answer.errorMessage ?? 'wrong password'}`,
      );
    }
    return answer.authBytes.toString('utf8');
  };
  if (mechanism === 'PLAIN') await exchange(`\0${username}\0${login.password}`);
  else await scram(exchange, login);
}

/** @see https://www.rfc-editor.org/rfc/rfc5802 */
async function scram(exchange: (message: string) => Promise<string>, login: SaslLogin): Promise<void> {
  const hash = login.mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512';
  const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest();
  const nonce = randomBytes(18).toString('base64');
  const name = login.username.replaceAll('=', '=3D').replaceAll(',', '=2C');
  const first = `n=${name},r=${nonce}`;
  const challenge = await exchange(`n,,${first}`);
  const { r: fullNonce = '', s: salt = '', i: rounds = '' } = attributes(challenge);
  const iterations = Number(rounds);
  if (!fullNonce.startsWith(nonce) || !(iterations >= 1 && iterations <= MAX_ITERATIONS)) {
    throw refused('the broker does not follow the login protocol SCRAM');
  }
  const keyBytes = createHash(hash).digest().length;
  const salted = pbkdf2Sync(login.password, Buffer.from(salt, 'base64'), iterations, keyBytes, hash);
  const clientKey = hmac(salted, 'Client Key');
  const withoutProof = `c=biws,r=${fullNonce}`;
  const transcript = `${first},${challenge},${withoutProof}`;
  const signature = hmac(createHash(hash).update(clientKey).digest(), transcript);
  const proof = clientKey.map((byte, index) => byte ^ (signature[index] as number));
  const last = await exchange(`${withoutProof},p=${Buffer.from(proof).toString('base64')}`);
  const expected = hmac(hmac(salted, 'Server Key'), transcript);
  const got = Buffer.from(attributes(last)['v'] ?? '', 'base64');
  if (got.length !== expected.length || !timingSafeEqual(got, expected)) {
    throw refused('the broker does not know the password either: it is not the one that it claims to be');
  }
}

function attributes(message: string): Record<string, string | undefined> {
  return Object.fromEntries(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
}

function refused(message: string): RegistryError {
  return new RegistryError('REGISTRY_LOGIN', `${message}; correct kafka.sasl`);
}
