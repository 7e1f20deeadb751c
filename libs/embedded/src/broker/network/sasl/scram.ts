import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Credentials, ScramHash } from './credentials.ts';
import { REFUSED, type SaslExchange, type Step } from './step.ts';

/** The server's side of SCRAM without channel binding. @see https://www.rfc-editor.org/rfc/rfc5802 */
export function scram(credentials: Credentials, hash: ScramHash): SaslExchange {
  let first: ReturnType<typeof parseFirst>;
  let nonce = '';
  let serverFirst = '';

  const begin = (said: string): Step => {
    first = parseFirst(said);
    const secret = first && credentials.scram(first.user, hash);
    if (first === undefined || secret === undefined) return REFUSED;
    nonce = first.nonce + randomBytes(18).toString('base64url');
    serverFirst = `r=${nonce},s=${secret.salt.toString('base64')},i=${secret.iterations}`;
    return { kind: 'more', answer: Buffer.from(serverFirst) };
  };

  const finish = (said: string): Step => {
    const attributes = attributesOf(said);
    const proof = Buffer.from(attributes.get('p') ?? '', 'base64');
    const secret = credentials.scram(first!.user, hash);
    const binding = Buffer.from(attributes.get('c') ?? '', 'base64').toString();
    if (secret === undefined || attributes.get('r') !== nonce || binding !== first!.header) return REFUSED;
    const withoutProof = said.slice(0, said.lastIndexOf(',p='));
    const message = `${first!.bare},${serverFirst},${withoutProof}`;
    const signature = createHmac(hash, secret.storedKey).update(message).digest();
    if (proof.length !== signature.length) return REFUSED;
    const clientKey = Buffer.from(signature.map((byte, index) => byte ^ proof[index]!));
    if (!timingSafeEqual(createHash(hash).update(clientKey).digest(), secret.storedKey)) return REFUSED;
    const answer = `v=${createHmac(hash, secret.serverKey).update(message).digest('base64')}`;
    return { kind: 'done', answer: Buffer.from(answer), user: first!.user };
  };

  return (said) => (first === undefined ? begin(said.toString('utf8')) : finish(said.toString('utf8')));
}

/** `n,,n=user,r=nonce`: a header that says "no channel binding", then the bare message. */
function parseFirst(said: string): { header: string; bare: string; user: string; nonce: string } | undefined {
  const header = /^[ny],(a=[^,]*)?,/.exec(said)?.[0];
  if (header === undefined) return undefined;
  const bare = said.slice(header.length);
  const attributes = attributesOf(bare);
  const user = attributes.get('n')?.replaceAll('=2C', ',').replaceAll('=3D', '=');
  const nonce = attributes.get('r');
  return user === undefined || !nonce ? undefined : { header, bare, user, nonce };
}

function attributesOf(text: string): Map<string, string> {
  return new Map(text.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
}
