import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { manualClock } from '../../clock.ts';
import { Credentials } from './credentials.ts';
import { beginExchange, MECHANISMS } from './exchange.ts';
import type { Step } from './step.ts';

const clock = manualClock(1_000_000);
const broker = { credentials: new Credentials({ user: 'pencil' }), clock };

/** The client's side of SCRAM, up to its last message. */
function scramClient(first: string, challenge: string, password: string, hash: 'sha256' | 'sha512'): string {
  const [nonce, salt, iterations] = challenge.split(',').map((part) => part.slice(2));
  const length = hash === 'sha256' ? 32 : 64;
  const salted = pbkdf2Sync(password, Buffer.from(salt!, 'base64'), Number(iterations), length, hash);
  const clientKey = createHmac(hash, salted).update('Client Key').digest();
  const storedKey = createHash(hash).update(clientKey).digest();
  const last = `c=biws,r=${nonce}`;
  const signature = createHmac(hash, storedKey)
    .update(`${first.slice(3)},${challenge},${last}`)
    .digest();
  return `${last},p=${Buffer.from(clientKey.map((byte, at) => byte ^ signature[at]!)).toString('base64')}`;
}

function say(exchange: (said: Buffer) => Step, text: string): Step {
  return exchange(Buffer.from(text));
}

describe('logging in', () => {
  it('takes a password as it is with PLAIN, and no other', () => {
    const attempt = (text: string) => say(beginExchange('PLAIN', broker), text);
    expect(attempt('\0user\0pencil')).toMatchObject({ kind: 'done', user: 'user' });
    expect(attempt('user\0user\0pencil').kind).toBe('done');
    for (const wrong of [
      '\0user\0pen',
      '\0nobody\0pencil',
      'other\0user\0pencil',
      '',
      '\0user',
      '\0user\0pencil\0x',
    ]) {
      expect(attempt(wrong).kind).toBe('refused');
    }
  });

  for (const hash of ['sha256', 'sha512'] as const) {
    const mechanism = hash === 'sha256' ? 'SCRAM-SHA-256' : 'SCRAM-SHA-512';
    const attempt = (password: string, change = (last: string) => last): Step => {
      const exchange = beginExchange(mechanism, broker);
      const first = 'n,,n=user,r=abc';
      const challenge = say(exchange, first);
      if (challenge.kind !== 'more') return challenge;
      expect(String(challenge.answer)).toMatch(/^r=abc.{20,},s=.+,i=4096$/);
      return say(exchange, change(scramClient(first, String(challenge.answer), password, hash)));
    };

    it(`takes a proof of the password with ${mechanism}, and gives one`, () => {
      const last = attempt('pencil');
      expect(last).toMatchObject({ kind: 'done', user: 'user' });
      expect(String((last as { answer: Buffer }).answer)).toMatch(/^v=.+/);
    });

    it(`refuses other passwords, nonces and bindings with ${mechanism}`, () => {
      expect(attempt('pen').kind).toBe('refused');
      expect(attempt('pencil', (last) => last.replace('r=abc', 'r=abd')).kind).toBe('refused');
      expect(attempt('pencil', (last) => last.replace('c=biws', 'c=eSws')).kind).toBe('refused');
      expect(attempt('pencil', (last) => last.slice(0, -10)).kind).toBe('refused');
    });
  }

  it('says the same of unknown users as of wrong passwords', () => {
    for (const mechanism of MECHANISMS) {
      const first = mechanism === 'PLAIN' ? '\0nobody\0x' : 'n,,n=nobody,r=abc';
      const message = 'Authentication failed: Invalid username or password';
      expect(say(beginExchange(mechanism, broker), first)).toEqual({ kind: 'refused', message });
    }
  });

  const jwt = (header: object, payload: unknown, signature = '') =>
    [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') +
    `.${signature}`;
  const bearing = (token: string, header = 'n,,') => `${header}\x01auth=Bearer ${token}\x01\x01`;

  it('takes an unsecured token until it expires with OAUTHBEARER', () => {
    const token = jwt({ alg: 'none' }, { sub: 'user', exp: 1_001, scope: 'any' });
    const log = { kind: 'done', user: 'user', expiresMs: 1_001_000 };
    for (const header of ['n,,', 'n,a=user,'])
      expect(say(beginExchange('OAUTHBEARER', broker), bearing(token, header))).toMatchObject(log);
    const extended = `n,,\x01auth=Bearer ${token}\x01cluster=a\x01\x01`;
    expect(say(beginExchange('OAUTHBEARER', broker), extended)).toMatchObject(log);
  });

  it('tells what is wrong with a token in two steps, as RFC 7628 wants it', () => {
    const none = { alg: 'none' };
    for (const wrong of [
      bearing(jwt(none, { sub: 'user', exp: 1_000 })),
      bearing(jwt(none, { sub: 'user' })),
      bearing(jwt(none, { sub: '', exp: 2_000 })),
      bearing(jwt(none, { exp: 2_000 })),
      bearing(jwt(none, null)),
      bearing(jwt({ alg: 'HS256' }, { sub: 'user', exp: 2_000 })),
      bearing(jwt(none, { sub: 'user', exp: 2_000 }, 'c2lnbmVk')),
      bearing(jwt(none, { sub: 'user', exp: 2_000 }), 'n,a=other,'),
      bearing('a'),
      bearing('..'),
      '\0user\0pencil',
      '',
    ]) {
      const exchange = beginExchange('OAUTHBEARER', broker);
      expect(say(exchange, wrong)).toEqual({
        kind: 'more',
        answer: Buffer.from('{"status":"invalid_token"}'),
      });
      expect(say(exchange, '\x01').kind).toBe('refused');
    }
  });
});
