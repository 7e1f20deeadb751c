/** Each adapter beside the bare driver on the same service in the same run; the lake beside DuckDB. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage } from '@millrace/storage';
import type { Row, StorageAdapter } from '@millrace/storage';
import type { Aim, Bench } from '../bench.ts';
import { atLeast, median } from '../bench.ts';
import { bareCassandra, barePostgres, bareRedis, bareSqlite } from './bare-drivers.ts';
import type { BareDriver } from './bare-drivers.ts';
import { benchLake } from './lake.ts';
import { resultRows, resultTable } from './rows.ts';

const rowCount = 30_000;
const batchSize = 1_000;
const rounds = 8;
const run = `bench_${process.pid}`;

interface Contest {
  readonly name: string;
  open(): Promise<{ readonly adapter: StorageAdapter; readonly bare: BareDriver }>;
}

/** One of the two that are compared, and what was measured of it. */
interface Side {
  write(batch: readonly Row[]): Promise<void>;
  readonly rates: number[];
  readonly latenciesMs: number[];
}

export const bench: Bench = {
  name: 'storage',
  summary: `upserts of ${rowCount.toLocaleString('en')} windowed results in batches of ${batchSize.toLocaleString('en')}, ours and the bare driver in turn; events into Parquet`,
  run: async (args) => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
    const aims: Aim[] = [];
    try {
      const known = contests(folder);
      const wanted = args.length === 0 ? [...known.map(({ name }) => name), 'lake'] : args;
      for (const contest of known) if (wanted.includes(contest.name)) aims.push(await compare(contest));
      if (wanted.includes('lake')) aims.push(...(await benchLake()));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return aims;
  },
};

/** SQLite always, the others where their service's variable is set. */
function contests(folder: string): Contest[] {
  const {
    MILLRACE_TEST_POSTGRES_URL: postgres,
    MILLRACE_TEST_REDIS_URL: redis,
    MILLRACE_TEST_CASSANDRA: cassandra,
  } = process.env;
  const all: Contest[] = [
    {
      name: 'sqlite',
      open: async () => ({
        adapter: await openStorage(`sqlite:${join(folder, 'ours.db')}`),
        bare: bareSqlite(join(folder, 'bare.db')),
      }),
    },
  ];
  if (postgres !== undefined) {
    const open = async (): ReturnType<Contest['open']> => ({
      adapter: await openStorage(postgres),
      bare: await barePostgres(postgres, run),
    });
    all.push({ name: 'postgres', open });
  }
  if (redis !== undefined) {
    const open = async (): ReturnType<Contest['open']> => ({
      adapter: await openStorage(`${redis}?prefix=${run}`),
      bare: await bareRedis(redis, run),
    });
    all.push({ name: 'redis', open });
  }
  if (cassandra !== undefined) {
    const open = async (): ReturnType<Contest['open']> => ({
      adapter: await openStorage(`cassandra://cassandra:cassandra@${cassandra}/${run}?dc=datacenter1`),
      bare: await bareCassandra(cassandra, run),
    });
    all.push({ name: 'cassandra', open });
  }
  return all;
}

async function compare(contest: Contest): Promise<Aim> {
  const { adapter, bare } = await contest.open();
  try {
    const table = resultTable(run);
    const rows = resultRows(rowCount);
    await adapter.ensureTable(table);
    const ours: Side = { write: (batch) => adapter.upsert(table, batch), rates: [], latenciesMs: [] };
    const theirs: Side = { write: (batch) => bare.write(batch), rates: [], latenciesMs: [] };
    const ratios: number[] = [];
    // The first round only warms up.
    for (let round = 0; round <= rounds; round++) {
      const [oursMs, theirsMs] = await race(rows, [ours, theirs]);
      if (round > 0) ratios.push(theirsMs / oursMs);
      else for (const side of [ours, theirs]) side.rates.length = side.latenciesMs.length = 0;
    }
    await check(adapter, rows);
    const line = (side: Side): string =>
      `${Math.round(median(side.rates)).toLocaleString('en').padStart(9)} rows/s, p99 ${percentile(side.latenciesMs, 0.99).toFixed(1).padStart(6)} ms a batch`;
    console.log(
      `${contest.name.padEnd(10)}  ours ${line(ours)}\n${''.padEnd(10)}  bare ${line(theirs)} (${bare.way})`,
    );
    return atLeast(`${contest.name}, share of the bare driver`, 0.8, median(ratios), '×');
  } finally {
    await adapter.close();
    await bare.close();
  }
}

/** Each batch by both, each first in every other: what else the machine does then slows both alike. Gives each one's time in all. */
async function race(rows: readonly Row[], sides: readonly [Side, Side]): Promise<[number, number]> {
  const totalsMs: [number, number] = [0, 0];
  for (let start = 0; start < rows.length; start += batchSize) {
    const batch = rows.slice(start, start + batchSize);
    for (const index of (start / batchSize) % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const from = performance.now();
      await sides[index].write(batch);
      const tookMs = performance.now() - from;
      sides[index].latenciesMs.push(tookMs);
      totalsMs[index] += tookMs;
    }
  }
  for (const index of [0, 1] as const) sides[index].rates.push(rows.length / (totalsMs[index] / 1_000));
  return totalsMs;
}

async function check(adapter: StorageAdapter, rows: readonly Row[]): Promise<void> {
  const stored = await adapter.read(resultTable(run));
  const sum = (list: readonly Row[]): number =>
    list.reduce((total, row) => total + (row['views'] as number), 0);
  if (stored.length !== rows.length || sum(stored) !== sum(rows)) {
    throw new Error(
      `${adapter.name} gives back ${stored.length} rows (views ${sum(stored)}) of ${rows.length} (${sum(rows)})`,
    );
  }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
