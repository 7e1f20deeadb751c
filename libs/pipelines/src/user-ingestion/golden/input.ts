import type { IngestionRun, UserCreated } from '@millrace/schemas';
import type { GoldenEvent } from '../../golden-event.ts';
import { peopleAt } from '../events.ts';
import { profileHash } from '../profile-hash.ts';
import { parseProfile } from '../profile.ts';

const startMs = Date.UTC(2026, 0, 1);
const minuteMs = 60_000;
const people = { seed: 11, perHour: 1_200, listedMs: 10 * minuteMs };

/** Twelve runs, one a minute, over people who come and move; some profiles lack what the quality view counts. */
export function input(): readonly GoldenEvent[] {
  const known = new Map<string, string>();
  return Array.from({ length: 12 }, (_, run) => run).flatMap((run) => {
    const startedMs = startMs + run * minuteMs + 137;
    const runId = `golden:${run}`;
    const counts = { fetched: 0, created: 0, updated: 0, unchanged: 0 };
    const users = peopleAt(people, startedMs).flatMap((raw, index): GoldenEvent[] => {
      const parsed = parseProfile(raw, startedMs);
      if (!parsed.ok) throw new Error(parsed.fault.message);
      const { user } = parsed;
      const hash = profileHash(user);
      const before = known.get(user.user_id);
      known.set(user.user_id, hash);
      counts.fetched++;
      const change = before === undefined ? 'created' : before === hash ? 'unchanged' : 'updated';
      counts[change]++;
      if (change === 'unchanged') return [];
      const jitterMs = (index * 1_237) % 4_000;
      const value: UserCreated = {
        ...user,
        ...spoiled[(run * 31 + index) % 40],
        ingested_at: startedMs + jitterMs,
        run_id: runId,
        change,
        simulated: true,
      };
      return [{ source: 'users', key: user.user_id, value: { ...value } }];
    });
    const told = (of: Partial<IngestionRun>): GoldenEvent => ({
      source: 'runs',
      key: runId,
      value: { ...begun, run_id: runId, started_at: startedMs, due_at: startedMs - 137, ...of },
    });
    const failed = run === 7;
    return [
      told({}),
      ...(failed ? [] : users),
      failed
        ? told({ status: 'failed', reason: 'the API answered 503', ended_at: startedMs + 9_000 })
        : told({ ...counts, status: 'done', ended_at: startedMs + 4_000 }),
    ];
  });
}

/** What is wrong with one profile in ten. */
const spoiled: Readonly<Record<number, Partial<UserCreated>>> = {
  3: { email: 'nobody' },
  13: { age: null, date_of_birth: null },
  23: { latitude: null, gender: null },
  33: { phone: null, cell: null, age: 130 },
};

const begun: IngestionRun = {
  run_id: '',
  started_at: 0,
  due_at: 0,
  ended_at: null,
  status: 'running',
  reason: null,
  missed_runs: 0,
  fetched: 0,
  created: 0,
  updated: 0,
  unchanged: 0,
  refused: 0,
  simulated: true,
};
