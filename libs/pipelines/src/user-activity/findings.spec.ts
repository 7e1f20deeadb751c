import { describe, expect, it } from '@jest/globals';
import { pseudonymOf } from '@millrace/streams';
import type { PipelineDefinition, Row } from '@millrace/streams';
import { testPipeline } from '@millrace/streams/testing';
import type { Attack } from './attacks.ts';
import { plantedAttacks, userActivityEvents } from './events.ts';
import { userActivity } from './pipeline.ts';

const days = 100;
const dayMs = 24 * 3_600_000;
const startMs = Date.UTC(2026, 0, 5);
/** Closes every session window of a day. */
const afterMs = dayMs;

type Finding = 'brute_force_by_user' | 'brute_force_by_ip' | 'impossible_travel';
const keyOf = {
  brute_force_by_user: 'user',
  brute_force_by_ip: 'address',
  impossible_travel: 'user',
} as const;
const found: readonly Finding[] = ['brute_force_by_user', 'brute_force_by_ip', 'impossible_travel'];

/** The findings of the real definition; its other views have no part in them. */
const definition = {
  ...userActivity,
  views: Object.fromEntries(found.map((name) => [name, userActivity.views[name]])),
} as PipelineDefinition;

/** Whether an attack is one that a finding of this kind and key should tell of, or at least may. */
function isAbout(attack: Attack, finding: Finding, key: string): boolean {
  switch (attack.kind) {
    case 'brute_force_user':
      return finding === 'brute_force_by_user'
        ? key === pseudonymOf(attack.userId)
        : finding === 'brute_force_by_ip' && attack.ips.some((ip) => key === pseudonymOf(ip));
    case 'brute_force_ip':
      return finding === 'brute_force_by_ip' && key === pseudonymOf(attack.ip);
    case 'impossible_travel':
      return finding === 'impossible_travel' && key === pseudonymOf(attack.userId);
  }
}

const kindOf = {
  brute_force_user: 'brute_force_by_user',
  brute_force_ip: 'brute_force_by_ip',
  impossible_travel: 'impossible_travel',
} as const;

interface Tally {
  planted: number;
  recalled: number;
  told: number;
  right: number;
}

/** One day of the company with its own seed: what was planted in it, and what was found. */
function judge(seed: number, tallies: Record<Finding, Tally>): void {
  const fromMs = startMs + seed * dayMs;
  const day = { seed, fromMs, toMs: fromMs + dayMs, visitsPerHour: 40, attacksPerDay: 10 };
  const driver = testPipeline(definition);
  driver.advanceTime(day.toMs);
  for (const { source, value } of userActivityEvents(day))
    if (source === 'auth') driver.pipe('auth', { ...value });
  driver.advanceWatermark('auth', day.toMs + afterMs);
  // An attack that is cut off by the beginning or the end of the day is no whole one.
  const attacks = plantedAttacks(day);
  const whole = attacks.filter((attack) => attack.startMs >= fromMs && attack.endMs < day.toMs);
  const rows = Object.fromEntries(found.map((name) => [name, finals(driver.rows(name))]));
  for (const name of found) {
    const told = rows[name]!;
    const tells = (row: Row, attack: Attack) =>
      isAbout(attack, name, row[keyOf[name]] as string) &&
      attack.startMs < (row['windowEnd'] as number) &&
      attack.endMs >= (row['windowStart'] as number);
    const mine = whole.filter((attack) => kindOf[attack.kind] === name);
    tallies[name].planted += mine.length;
    tallies[name].recalled += mine.filter((attack) => told.some((row) => tells(row, attack))).length;
    tallies[name].told += told.length;
    tallies[name].right += told.filter((row) => attacks.some((attack) => tells(row, attack))).length;
    for (const row of told) {
      expect(row['score']).toBeGreaterThanOrEqual(1);
      expect(row['reason']).toMatch(/^\d+ (failed log-ins|km\/h)/);
    }
  }
}

const finals = (rows: readonly Row[]) => rows.filter(({ state }) => state === 'final');

describe('findings', () => {
  it(`tell of the attacks planted in ${days} seeded days, and of little else`, () => {
    const tally = (): Tally => ({ planted: 0, recalled: 0, told: 0, right: 0 });
    const tallies = {
      brute_force_by_user: tally(),
      brute_force_by_ip: tally(),
      impossible_travel: tally(),
    };
    for (let seed = 1; seed <= days; seed++) judge(seed, tallies);
    const rates = Object.fromEntries(
      Object.entries(tallies).map(([name, { planted, recalled, told, right }]) => [
        name,
        { enough: planted >= 200, recall: recalled / planted, precision: right / told },
      ]),
    );
    for (const [name, { enough, recall, precision }] of Object.entries(rates))
      expect({ name, enough, recalls: recall >= 0.95, precise: precision >= 0.9, tallies }).toEqual({
        name,
        enough: true,
        recalls: true,
        precise: true,
        tallies,
      });
  }, 120_000);
});
