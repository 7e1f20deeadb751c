import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { weatherEnergy as pipeline } from '@millrace/pipelines';
import { ByteWriter, parquetWrite } from 'hyparquet-writer';
import type { FeedEvent, FeedItem, Refusal } from '../../feeds/feed.ts';
import type { SourcePosition } from '../source.ts';
import { createPause } from './pause.ts';
import { replay, type ReplayOptions } from './replay.ts';

const mapping = {
  source: 'readings',
  key: 'household',
  time: { column: 'time', format: 'epochSeconds' },
  constants: { household: 'h' },
  fields: { use_kw: { column: 'use [kW]' }, temperature_c: { column: 'temperature', unit: '°F' } },
};
const start = Date.UTC(2016, 0, 1) / 1000;
const header = 'time,use [kW],temperature';
const nowMs = Date.UTC(2026, 0, 1, 12);

let folder: string;
let clock: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-replay-'));
  clock = nowMs;
  await map(mapping);
});
afterEach(() => rm(folder, { recursive: true }));

const map = (json: unknown) => writeFile(join(folder, 'mapping.json'), JSON.stringify(json));

const file = async (name: string, text: string | Uint8Array): Promise<string> => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};

const csv = (...lines: readonly string[]) => file('data.csv', [header, ...lines].join('\n'));

interface Played {
  readonly items: FeedItem[];
  readonly positions: SourcePosition[];
  /** Items of each batch. */
  readonly batches: number[];
}

/** Plays until `count` items have come. */
async function play(
  path: string,
  count: number,
  options: Partial<ReplayOptions> & { after?: SourcePosition } = {},
) {
  const stop = new AbortController();
  const { after, ...rest } = options;
  const source = replay({
    path,
    mappingPath: join(folder, 'mapping.json'),
    pipeline,
    speed: Infinity,
    shiftToNow: false,
    now: () => clock,
    pause: createPause(),
    log: () => stop.abort(),
    ...rest,
  });
  const played: Played = { items: [], positions: [], batches: [] };
  for await (const { items, position } of source.open(after, stop.signal)) {
    played.items.push(...items);
    played.positions.push(JSON.parse(JSON.stringify(position)) as SourcePosition);
    played.batches.push(items.length);
    if (played.items.length >= count) stop.abort();
  }
  return played;
}

const values = ({ items }: Played) =>
  items.map((item) => (item as FeedEvent).value as Record<string, unknown>);
const refusals = ({ items }: Played) =>
  items.flatMap((item) => ('reason' in item ? [[item.code, item.reason] as const] : []));

describe('replay', () => {
  it('makes events of the rows of a CSV file, in the units of the schema', async () => {
    const path = await csv(`${start},0.93,36.14`, `${start + 60},,`);
    const [first, second] = values(await play(path, 2));
    expect(first).toMatchObject({ time: start * 1000, household: 'h', use_kw: 0.93, gen_kw: null });
    expect(first!['temperature_c']).toBeCloseTo(2.3, 6);
    expect(second).toMatchObject({ time: (start + 60) * 1000, use_kw: null, temperature_c: null });
  });

  it('reads JSON, JSON lines and Parquet alike', async () => {
    const rows = [0, 1, 2].map((i) => ({ time: start + 60 * i, 'use [kW]': i / 2, temperature: 50 }));
    const writer = new ByteWriter();
    parquetWrite({
      writer,
      columnData: [
        { name: 'time', data: rows.map(({ time }) => BigInt(time)), type: 'INT64' },
        { name: 'use [kW]', data: rows.map((row) => row['use [kW]']), type: 'DOUBLE' },
        { name: 'temperature', data: rows.map(({ temperature }) => temperature), type: 'INT32' },
      ],
    });
    const paths = [
      await csv(...rows.map((row) => Object.values(row).join(','))),
      await file('data.jsonl', rows.map((row) => JSON.stringify(row)).join('\n')),
      await file('data.json', JSON.stringify(rows)),
      await file('data.parquet', new Uint8Array(writer.getBuffer())),
    ];
    const [first, ...others] = await Promise.all(paths.map(async (path) => values(await play(path, 3))));
    expect(first!.map(({ use_kw }) => use_kw)).toEqual([0, 0.5, 1]);
    for (const other of others) expect(other).toEqual(first);
  });

  it('refuses broken rows with their line and the reason, and goes on', async () => {
    const path = await csv(
      `${start},1,50`,
      `${start + 60},"1,50`,
      `${start + 120},1`,
      '\\',
      `${start + 180},much,50`,
      'yesterday,1,50',
      '',
      `${start + 240},2,50`,
    );
    const played = await play(path, 7);
    expect(refusals(played).map(([code, reason]) => [code, /line \d+/.exec(reason)?.[0]])).toEqual([
      ['REPLAY_ROW_INVALID', 'line 3'],
      ['REPLAY_ROW_INVALID', 'line 4'],
      ['REPLAY_ROW_INVALID', 'line 5'],
      ['REPLAY_VALUE_INVALID', 'line 6'],
      ['REPLAY_TIME_INVALID', 'line 7'],
    ]);
    expect((played.items[3] as Refusal).original.toString()).toBe('\\');
    expect(values(played).at(-1)).toMatchObject({ use_kw: 2 });
    expect(played.positions.at(-1)).toMatchObject({ sent: 2, refused: 5, line: 9 });
  });

  it('refuses what cannot be true, and says which unit it may be in', async () => {
    const path = await csv(`${start},950,50`, `${start + 60},1,200`, `${start + 120},1,50`);
    expect(refusals(await play(path, 3))).toEqual([
      [
        'REPLAY_VALUE_IMPLAUSIBLE',
        'data.csv line 2: column "use [kW]" is 950 kW, outside of -100 to 100 kW; is it in W or MW? Then say so in the mapping',
      ],
      [
        'REPLAY_VALUE_IMPLAUSIBLE',
        expect.stringContaining('is 200 °F (93.333 °C), outside of -90 to 60 °C; is it in °C or K?'),
      ],
    ]);
  });

  it('refuses times that go back, lie in the future or jump ahead of what follows', async () => {
    const path = await csv(
      `${start},1,50`,
      `${start + 86_400 * 365},1,50`,
      `${start + 60},2,50`,
      `${start + 30},3,50`,
      `${start - 3600},1,50`,
      `${nowMs / 1000 + 3600},1,50`,
      `${start + 120},4,50`,
    );
    const played = await play(path, 7);
    expect(refusals(played).map(([code]) => code)).toEqual([
      'REPLAY_TIME_AHEAD',
      'REPLAY_TIME_BACKWARDS',
      'REPLAY_TIME_FUTURE',
    ]);
    expect(values(played).flatMap((value) => value?.['use_kw'] ?? [])).toEqual([1, 2, 3, 4]);
  });

  it('goes on behind the rows of any position', async () => {
    const lines = Array.from(
      { length: 3000 },
      (_, i) => `${start + i * 60},${i / 100},50${i % 3 === 0 ? '\r' : ''}`,
    );
    const path = await csv(...lines);
    const whole = await play(path, lines.length);
    expect(whole.batches.length).toBeGreaterThan(1);
    const [position] = whole.positions;
    const rest = await play(path, lines.length - whole.batches[0]!, { after: position! });
    expect(rest.items).toEqual(whole.items.slice(whole.batches[0]));
    expect(rest.positions.at(-1)).toEqual(whole.positions.at(-1));
  });

  it('keeps the gaps that the rows have, N times as fast', async () => {
    const path = await csv(`${start},1,50`, `${start},2,50`, `${start + 60},3,50`, `${start + 90},4,50`);
    const sentAt: number[] = [];
    const source = replay({
      path,
      mappingPath: join(folder, 'mapping.json'),
      pipeline,
      speed: 10,
      shiftToNow: false,
      now: () => clock,
      sleep: async (ms) => void (clock += ms),
      pause: createPause(),
    });
    const stop = new AbortController();
    for await (const { items } of source.open(undefined, stop.signal)) {
      for (const _ of items) sentAt.push(clock - nowMs);
      if (sentAt.length === 4) stop.abort();
    }
    expect(sentAt).toEqual([0, 0, 6000, 9000]);
  });

  it('waits while it is paused, and sends nothing twice', async () => {
    const path = await csv(`${start},1,50`, `${start + 60},2,50`);
    const pause = createPause();
    pause.set(true);
    const playing = play(path, 2, { pause });
    let done = false;
    void playing.then(() => (done = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toBe(false);
    pause.set(false);
    expect(values(await playing).map(({ use_kw }) => use_kw)).toEqual([1, 2]);
  });

  it('moves times by whole days up to now, the same after a restart', async () => {
    const path = await csv(`${start + 3600},1,50`, `${start + 1e9},9,50`, `${start + 86_400},2,50`);
    const played = await play(path, 3, { shiftToNow: true });
    expect(
      values({ ...played, items: played.items.filter((item) => !('reason' in item)) }).map(({ time }) =>
        new Date(time as number).toISOString(),
      ),
    ).toEqual(['2025-12-31T01:00:00.000Z', '2026-01-01T00:00:00.000Z']);
    clock += 40 * 86_400_000;
    expect(
      (
        await play(path, 1, {
          shiftToNow: true,
          after: { ...played.positions[0]!, next: header.length + 1, line: 1, maxTimeMs: 0 },
        })
      ).items[0],
    ).toEqual(played.items[0]);
    const atOnce = await play(path, 1, { shiftToNow: true, speed: 1, log: () => undefined });
    expect(new Date(values(atOnce)[0]!['time'] as number).toISOString()).toBe('2026-02-10T01:00:00.000Z');
  });

  it('stretches times where a file counts minutes as seconds', async () => {
    await map({ ...mapping, time: { ...mapping.time, stretch: 60 } });
    const path = await csv(`${start},1,50`, `${start + 1},2,50`);
    expect(values(await play(path, 2)).map(({ time }) => time)).toEqual([start * 1000, (start + 60) * 1000]);
  });

  it('says what is wrong with a mapping or a file', async () => {
    const path = await csv(`${start},1,50`);
    await map({ ...mapping, fields: { use_kwh: { column: 'x' } } });
    await expect(play(path, 1)).rejects.toThrow(/WeatherEnergy has no field use_kwh; it has time, household/);
    await map({ ...mapping, fields: { use_kw: { column: 'use [kW]', unit: 'hp' } } });
    await expect(play(path, 1)).rejects.toThrow(/how hp becomes kW \(use_kw\); use one of kW, W, MW/);
    await map(mapping);
    await expect(play(await file('data.xlsx', ''), 1)).rejects.toThrow(/ends with none of .csv/);
    await expect(play(join(folder, 'no.csv'), 1)).rejects.toThrow(/no such file/);
    await expect(play(await file('empty.csv', ''), 1)).rejects.toThrow(/is empty; its first line must name/);
  });
});
