import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { reserveVictim } from './crash/victim.ts';
import { batchOf, createTopic, produceBatch, readAll } from './log-client.ts';
import { WireClient } from './wire-client.ts';

const STORAGE_ERROR = 56;

describe('a broker whose disk is full', () => {
  it('says so to producers, and has everything that it acknowledged after a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-full-'));
    // No file may grow past this: to the broker it is as if the disk were full.
    const full = await reserveVictim(folder, { maxFileKib: 12 }).start();
    let client = await WireClient.connect(full.broker);
    expect(await createTopic(client, 'filled')).toBe(0);
    let written = 0;
    let errorCode = 0;
    while (errorCode === 0) {
      const answer = await produceBatch(
        client,
        { topic: 'filled' },
        batchOf([{ value: `${written}`.padEnd(500) }]),
      );
      ({ errorCode } = answer);
      if (errorCode === 0) written++;
    }
    expect(errorCode).toBe(STORAGE_ERROR);
    const values = Array.from({ length: written }, (_, n) => `${n}`.padEnd(500));
    expect((await readAll(client, { topic: 'filled' })).records.map((record) => record.value)).toEqual(
      values,
    );
    client.close();
    await full
      .kill()
      .catch((complaint: Error) => expect(complaint.message).toContain('could not be written'));

    const roomy = await reserveVictim(folder).start();
    client = await WireClient.connect(roomy.broker);
    expect(
      (await produceBatch(client, { topic: 'filled' }, batchOf([{ value: 'room again' }]))).baseOffset,
    ).toBe(written);
    const { records } = await readAll(client, { topic: 'filled' });
    expect(records.map((record) => record.value)).toEqual([...values, 'room again']);
    client.close();
    await roomy.kill();
    rmSync(folder, { recursive: true });
  });
});
