import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '../random.ts';
import { peopleAt, simulatedProfile } from './events.ts';
import { profileHash } from './profile-hash.ts';
import { MAX_TEXT, parseProfile, type User } from './profile.ts';

const minuteMs = 60_000;
const nowMs = Date.UTC(2026, 0, 1);
const people = { seed: 3, perHour: 600, listedMs: 30 * minuteMs };
const someone = simulatedProfile(people, 4_711, nowMs) as Record<string, never>;

function userOf(raw: unknown): User {
  const parsed = parseProfile(raw, nowMs);
  if (!parsed.ok) throw new Error(parsed.fault.message);
  return parsed.user;
}

describe('parseProfile', () => {
  it('flattens a profile', () => {
    const user = userOf({
      ...someone,
      name: { first: ' Ana ', last: 'Eide' },
      dob: { date: '1990-12-31T00:00:00Z', age: 99 },
      location: {
        street: { number: 5, name: 'Storgata' },
        postcode: 1234,
        country: 'Norway',
        coordinates: { latitude: '91', longitude: '10.5' },
      },
    });
    expect(user).toMatchObject({
      ...{ first_name: 'Ana', date_of_birth: '1990-12-31', age: 35, street: '5 Storgata', postcode: '1234' },
      ...{
        country: 'Norway',
        city: null,
        latitude: null,
        longitude: 10.5,
        email: expect.stringContaining('@'),
      },
    });
  });

  it.each([
    ['no object', 5, 'shape', 'JSON object'],
    ['no id', { ...someone, login: {} }, 'field', 'login.uuid is missing'],
    ['an id that is none', { ...someone, login: { uuid: '7', username: 'u' } }, 'field', 'must be a UUID'],
    ['a name that is no text', { ...someone, name: { first: [], last: 'x' } }, 'field', 'name.first is []'],
    ['a huge text', { ...someone, phone: 'x'.repeat(MAX_TEXT + 1) }, 'too-long', 'phone has 1001'],
  ])('refuses %s with the field and the rule', (_what, raw, rule, words) => {
    expect(parseProfile(raw, nowMs)).toMatchObject({
      ok: false,
      fault: { rule, message: expect.stringContaining(words) },
    });
  });

  it('never throws, whatever stands in the fields', () => {
    const values = [null, 7, -0, '', 'x', [], {}, { uuid: null }, true, 'x'.repeat(5_000)];
    const random = seededRandom(1);
    for (let round = 0; round < 2_000; round++) {
      const raw: Record<string, unknown> = { ...someone };
      for (const name of Object.keys(raw))
        if (random.next() < 0.3) raw[name] = values[random.below(values.length)];
      expect(typeof parseProfile(raw, nowMs).ok).toBe('boolean');
    }
  });
});

describe('the simulated people', () => {
  it('are the same for the same seed and time, newest first, each once', () => {
    const listed = peopleAt(people, nowMs);
    expect(peopleAt(people, nowMs)).toEqual(listed);
    expect(listed).toHaveLength(300);
    const users = listed.map(userOf);
    expect(new Set(users.map(({ user_id }) => user_id)).size).toBe(300);
    const registered = users.map(({ registered_at }) => registered_at);
    expect(registered).toEqual([...registered].sort((a, b) => Number(b) - Number(a)));
  });

  it('change in one profile of four or so, and a birthday is no change', () => {
    const hashes = (timeMs: number) =>
      new Map(
        peopleAt(people, timeMs)
          .map(userOf)
          .map((user) => [user.user_id, profileHash(user)]),
      );
    const before = hashes(nowMs);
    const after = hashes(nowMs + 15 * minuteMs);
    const both = [...after].filter(([id]) => before.has(id));
    const changed = both.filter(([id, hash]) => before.get(id) !== hash).length;
    expect(changed).toBeGreaterThan(both.length * 0.05);
    expect(changed).toBeLessThan(both.length * 0.25);
    const user = userOf(someone);
    expect(profileHash({ ...user, age: 3 })).toBe(profileHash(user));
    expect(profileHash({ ...user, city: 'Elsewhere' })).not.toBe(profileHash(user));
  });
});
