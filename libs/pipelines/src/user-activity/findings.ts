import {
  and,
  concat,
  divide,
  eq,
  field,
  gt,
  gte,
  isIn,
  isNull,
  mask,
  not,
  or,
  round,
  when,
} from '@millrace/streams';
import { findings as found } from '@millrace/views';
import { count, distinct, maxSpeed, path, session, sum, tumbling } from '@millrace/windowing';
import { kept } from './kept.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Nobody mistypes a password so often: five times locks the account, and few try on after that. */
const failuresOfAttack = 10;
/** Faster than any airliner. */
const impossibleKmh = 900;
/** Phones and geo-IP databases place people this far off. */
const minDistanceKm = 500;

/** An expired token that is tried again and again is a nuisance, not a guess. */
const guesses = ['wrong_password', 'unknown_user', 'locked', 'mfa_failed'];
const isAttempt = and(
  isIn(field('event_type'), ['login', 'mfa']),
  or(field('success'), isIn(field('failure_reason'), guesses)),
);
const failed = when(field('success'), 0, 1);
const log_in = when(and(field('success'), eq(field('event_type'), 'login')), 1, 0);
const user = mask(field('user_id'));

const score = round(divide(field('failures'), failuresOfAttack), 1);
const succeeded = when(gt(field('log_ins'), 0), concat('; ', field('log_ins'), ' succeeded'), '');
const city = (index: number) => field(`cities.${index}`);

/** What needs a person: each with a score, which is at least 1, and the reason in words. */
export const findings = {
  brute_force_by_user: {
    from: 'auth',
    description: 'Brute force on a person: many failed log-ins, each within two minutes of the one before',
    derive: { user, failed, log_in },
    where: and(isAttempt, not(isNull(field('user_id')))),
    by: ['user'],
    window: session({ gapMs: 2 * minuteMs }),
    ...kept,
    select: {
      failures: sum('failed'),
      log_ins: sum('log_in'),
      addresses: distinct('ip'),
      countries: distinct('country'),
    },
    compute: {
      score,
      reason: concat(
        field('failures'),
        ' failed log-ins in a row from ',
        field('addresses'),
        ' addresses',
        succeeded,
      ),
    },
    having: gte(field('failures'), failuresOfAttack),
    panels: [found({ title: 'Brute force on a person', subject: 'user' })],
  },
  brute_force_by_ip: {
    from: 'auth',
    description: 'Brute force from an address: most of its many log-ins in ten minutes failed',
    derive: { address: mask(field('ip')), failed, log_in },
    where: isAttempt,
    by: ['address'],
    window: tumbling({ sizeMs: 10 * minuteMs }),
    ...kept,
    select: {
      attempts: count(),
      failures: sum('failed'),
      log_ins: sum('log_in'),
      names: distinct('username'),
    },
    compute: {
      score,
      reason: concat(
        field('failures'),
        ' failed log-ins in 10 minutes on ',
        field('names'),
        ' names',
        succeeded,
      ),
    },
    having: and(
      gte(field('failures'), failuresOfAttack),
      // An office behind one address has more log-ins that go well.
      gte(divide(field('failures'), field('attempts')), 0.5),
    ),
    panels: [found({ title: 'Brute force from an address', subject: 'address' })],
  },
  impossible_travel: {
    from: 'auth',
    description: 'Impossible travel: log-ins further apart than anybody could have gone',
    derive: { user },
    where: and(eq(field('event_type'), 'login'), field('success'), not(isNull(field('user_id')))),
    by: ['user'],
    window: session({ gapMs: 4 * hourMs }),
    ...kept,
    select: {
      log_ins: count(),
      cities: path('city', { limit: 5 }),
      countries: distinct('country'),
      max_speed_kmh: maxSpeed({ latitude: 'latitude', longitude: 'longitude' }, { minDistanceKm }),
    },
    compute: {
      score: round(divide(field('max_speed_kmh'), impossibleKmh), 1),
      reason: concat(
        round(field('max_speed_kmh')),
        ' km/h from one log-in to the next: ',
        city(0),
        ' → ',
        city(1),
        when(isNull(city(2)), '', concat(' → ', city(2))),
      ),
    },
    having: gte(field('max_speed_kmh'), impossibleKmh),
    units: { max_speed_kmh: 'km/h' },
    panels: [found({ title: 'Impossible travel', subject: 'user' })],
  },
} as const;
