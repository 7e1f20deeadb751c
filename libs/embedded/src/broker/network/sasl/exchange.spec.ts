import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Credentials } from './credentials.ts';
import { beginExchange, MECHANISMS } from './exchange.ts';
import type { Step } from './step.ts';

const credentials = new Credentials({ user: 'pencil' });

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
    const attempt = (text: string) => say(beginExchange('PLAIN', credentials), text);
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
      const exchange = beginExchange(mechanism, credentials);
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
      expect(say(beginExchange(mechanism, credentials), first)).toEqual({ kind: 'refused', message });
    }
  });
});
