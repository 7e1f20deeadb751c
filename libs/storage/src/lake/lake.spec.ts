import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { folderStore } from './folder.ts';
import { lakeOn } from './lake.ts';
import { openLake } from './open-lake.ts';
import { openLakeQuery } from './query.ts';
import { lakeTests, columns, events } from '../../integration/lake-tests.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-lake-'));
afterAll(() => rmSync(folder, { recursive: true }));

lakeTests('in a folder', (name) => Promise.resolve(folderStore(join(folder, name))));

describe('a lake in a folder', () => {
  it('answers questions in SQL over all files of a topic, old columns and new', async () => {
    const lake = await openLake(`file:${join(folder, 'sql')}`);
    const topic = 'it-is.a_topic';
    await lake.appendFile({
      topic,
      partition: 0,
      columns,
      firstOffset: 0,
      nextOffset: 10,
      rows: events(0, 10),
    });
    const wider = [...columns, { name: 'referrer', type: 'string', nullable: true } as const];
    const rows = events(10, 20).map((event) => ({ ...event, row: { ...event.row, referrer: '/x' } }));
    await lake.appendFile({ topic, partition: 0, columns: wider, firstOffset: 10, nextOffset: 20, rows });
    const sql = `SELECT count(*) n, count(referrer) wider, min("at") AS earliest, sum(bytes) bytes, max(kafka_offset) newest,
      count(DISTINCT event_hour) AS hour_count, any_value(tags->>'$.a[0]') tag FROM "${topic}"`;
    const query = await openLakeQuery(lake, { cacheDir: folder, sql });
    try {
      const answer = await query.query(sql);
      expect(answer.columns).toEqual(['n', 'wider', 'earliest', 'bytes', 'newest', 'hour_count', 'tag']);
      expect(answer.rows).toEqual([[20, 10, '2026-11-22T08:00:00.000Z', 190, 19, 1, '5']]);
      await expect(query.query('SELECT nothing FROM nowhere')).rejects.toMatchObject({
        code: 'STORAGE_QUERY',
      });
    } finally {
      query.close();
    }
  });

  it('says what an address lacks', async () => {
    for (const url of ['', 'file:', 'http://bucket', '/tmp/lake']) {
      await expect(openLake(url)).rejects.toMatchObject({ code: 'STORAGE_URL' });
    }
  });

  it('says which folder it cannot write', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const lake = await lakeOn(folderStore(join(file, 'below')));
    const range = { topic: 't', partition: 0, columns, firstOffset: 0, nextOffset: 1, rows: events(0, 1) };
    await expect(lake.appendFile(range)).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      message: expect.stringContaining(file),
    });
    expect((await lake.health()).ok).toBe(false);
  });
});
