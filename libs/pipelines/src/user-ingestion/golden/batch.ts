import type { IngestionRun, UserCreated } from '@millrace/schemas';
import { pseudonymOf, type Row } from '@millrace/streams';
import type { GoldenEvent } from '../../golden-event.ts';

const sizeMs = 60_000;

/** The final rows of every view, computed plainly; of views without windows all rows. */
export function batch(events: readonly GoldenEvent[]): Record<string, Row[]> {
  const of = (source: string) => events.filter((event) => event.source === source).map(({ value }) => value);
  const users = of('users') as unknown as UserCreated[];
  const runs = of('runs') as unknown as IngestionRun[];
  const windowOf = ({ ingested_at }: UserCreated) => Math.floor(ingested_at / sizeMs) * sizeMs;
  const number = (rows: readonly UserCreated[], test: (user: UserCreated) => boolean) =>
    rows.filter(test).length;
  const counts = (rows: readonly UserCreated[]) => ({
    arrivals: rows.length,
    created: number(rows, ({ change }) => change === 'created'),
    updated: number(rows, ({ change }) => change === 'updated'),
  });
  const grouped = (name: string, keyOf: (user: UserCreated) => string): Row[] =>
    [...Map.groupBy(users, keyOf)].flatMap(([key, mine]) =>
      [...Map.groupBy(mine, windowOf)].map(([windowStart, rows]) => ({
        [name]: key,
        windowStart,
        windowEnd: windowStart + sizeMs,
        ...counts(rows),
      })),
    );

  const arrivals: Row[] = [];
  const quality: Row[] = [];
  for (const [windowStart, rows] of Map.groupBy(users, windowOf)) {
    const window = { windowStart, windowEnd: windowStart + sizeMs };
    const people = new Set(rows.map(({ user_id }) => user_id)).size;
    arrivals.push({ ...window, ...counts(rows), people, simulated_arrivals: rows.length });
    const faults = rows.map(faultsOf);
    const having = (name: keyof ReturnType<typeof faultsOf>) => faults.filter((fault) => fault[name]).length;
    quality.push({
      ...window,
      profiles: rows.length,
      bad_emails: having('email'),
      without_age: having('age'),
      bad_ages: having('implausible'),
      without_place: having('place'),
      without_phone: having('phone'),
      complete: faults.filter((fault) => !Object.values(fault).includes(true)).length / rows.length,
    });
  }
  return {
    arrivals,
    profile_quality: quality,
    arrivals_by_country: grouped('country', ({ country }) => country),
    arrivals_by_age: grouped('age_band', bandOf),
    arrivals_by_gender: grouped('stated_gender', ({ gender }) => gender ?? 'unknown'),
    profiles: users.map(profileRow),
    ingestion_runs: runs.map((run) => ({ ...run })),
  };
}

function faultsOf(user: UserCreated) {
  return {
    email: !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(user.email),
    age: user.age === null,
    implausible: user.age !== null && (user.age < 0 || user.age >= 120),
    place: user.latitude === null || user.longitude === null,
    phone: user.phone === null && user.cell === null,
  };
}

function bandOf({ age }: UserCreated): string {
  if (age === null || age < 0 || age >= 120) return 'unknown';
  const bands = [
    [18, 'under 18'],
    [30, '18–29'],
    [45, '30–44'],
    [60, '45–59'],
  ] as const;
  return bands.find(([below]) => age < below)?.[1] ?? '60 and over';
}

function profileRow(user: UserCreated): Row {
  const { user_id, change, gender, country, nationality, registered_at, ingested_at } = user;
  return {
    ...{ user_id, person: pseudonymOf(user.email), change, gender, age_band: bandOf(user), country },
    ...{ region: user.state, nationality, registered_at, ingested_at, run_id: user.run_id },
    simulated: user.simulated,
  };
}
