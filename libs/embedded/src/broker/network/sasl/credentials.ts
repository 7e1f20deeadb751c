import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

/** What a SCRAM server keeps of a password (RFC 5802). */
export interface ScramSecret {
  readonly salt: Buffer;
  readonly iterations: number;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

export type ScramHash = 'sha256' | 'sha512';

/** Kafka's least number of iterations. */
const ITERATIONS = 4096;

/** The users that may log in. */
export class Credentials {
  readonly #passwords: ReadonlyMap<string, string>;
  readonly #secrets = new Map<string, ScramSecret>();

  constructor(passwords: Readonly<Record<string, string>>) {
    this.#passwords = new Map(Object.entries(passwords));
  }

  password(user: string): string | undefined {
    return this.#passwords.get(user);
  }

  /** The user's SCRAM secret, made when it is first needed. */
  scram(user: string, hash: ScramHash): ScramSecret | undefined {
    const password = this.#passwords.get(user);
    if (password === undefined) return undefined;
    const key = `${hash}:${user}`;
    let secret = this.#secrets.get(key);
    if (secret === undefined) this.#secrets.set(key, (secret = derive(password, hash)));
    return secret;
  }
}

function derive(password: string, hash: ScramHash): ScramSecret {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, ITERATIONS, hash === 'sha256' ? 32 : 64, hash);
  const hmac = (text: string) => createHmac(hash, salted).update(text).digest();
  const storedKey = createHash(hash).update(hmac('Client Key')).digest();
  return { salt, iterations: ITERATIONS, storedKey, serverKey: hmac('Server Key') };
}
