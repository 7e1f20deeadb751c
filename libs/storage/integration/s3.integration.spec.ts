import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CreateBucketCommand, DeleteBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lakeOn } from '../src/lake/lake.ts';
import { loadParquet } from '../src/lake/parquet/parquet.ts';
import type { ObjectStore } from '../src/lake/object-store.ts';
import { s3Store } from '../src/lake/s3.ts';
import { StorageError, openLake, openLakeQuery } from '../src/index.ts';
import { faultProxy } from '../testing/index.ts';
import type { Fault } from '../testing/index.ts';
import { columns, events, lakeTests, offsetsIn } from './lake-tests.ts';

const endpoint = process.env['MILLRACE_TEST_S3_ENDPOINT'];
const withS3 = endpoint === undefined ? describe.skip : describe;
const credentials = { accessKeyId: 'millrace', secretAccessKey: 'millrace-secret' };
const bucket = `test-${process.pid}-${Date.now()}`;

withS3('S3', () => {
  const client = new S3Client({
    region: 'us-east-1',
    forcePathStyle: true,
    credentials,
    endpoint: endpoint ?? 'http://127.0.0.1',
  });
  const open = (prefix: string, at = endpoint as string): Promise<ObjectStore> =>
    s3Store({ bucket, prefix: `${prefix}/`, endpoint: at, credentials });
  beforeAll(async () => void (await client.send(new CreateBucketCommand({ Bucket: bucket }))));
  afterAll(async () => {
    const all = await s3Store({ bucket, prefix: '', endpoint: endpoint as string, credentials });
    const keys: string[] = [];
    for await (const { key } of all.list('')) keys.push(key);
    await all.delete(keys);
    await client.send(new DeleteBucketCommand({ Bucket: bucket }));
    await all.close();
    client.destroy();
  });

  lakeTests('in S3', open);

  it('answers questions in SQL over its objects', async () => {
    const lake = await openLake(`s3://${bucket}/sql?endpoint=${encodeURIComponent(endpoint as string)}`, {
      credentials,
    });
    await lake.appendFile({
      topic: 'clicks',
      partition: 3,
      columns,
      firstOffset: 0,
      nextOffset: 9,
      rows: events(0, 9),
    });
    const cacheDir = mkdtempSync(join(tmpdir(), 'millrace-cache-'));
    const query = await openLakeQuery(lake, { cacheDir });
    const { rows } = await query.query(
      'SELECT count(*), sum(kafka_offset), any_value(kafka_partition) FROM clicks',
    );
    expect(rows).toEqual([[9, 36, 3]]);
    query.close();
    rmSync(cacheDir, { recursive: true });
    await lake.close();
  });

  it('lists no partial object and each event once when it answers 500, slowly, or cuts uploads and answers', async () => {
    const seed = Date.now() % 1_000_000;
    let state = seed;
    const random = (): number => (state = (state * 48_271 + 11) % 0x7fff_ffff) / 0x7fff_ffff;
    const faults: Fault[] = ['error', 'error after', 'cut upload', 'cut answer', 'slow'];
    const proxy = await faultProxy(endpoint as string, () =>
      random() < 0.5 ? 'none' : faults[Math.floor(random() * faults.length)]!,
    );
    const lake = await lakeOn(await open('faults', proxy.url));
    let next = 0;
    for (let turn = 0; turn < 12; turn++) {
      const nextOffset = next + 1 + Math.floor(random() * 400);
      const file = lake.file({ topic: 'clicks', partition: 0, columns, firstOffset: next });
      for (const { row, offset, timeMs } of events(next, nextOffset)) file.append(row, offset, timeMs);
      for (;;) {
        try {
          await file.commit(nextOffset);
          break;
        } catch (error) {
          if (!(error instanceof StorageError && error.retriable))
            throw new Error(`seed ${seed}`, { cause: error });
        }
      }
      next = nextOffset;
    }
    await proxy.stop();
    for (const fault of faults) expect(proxy.done.get(fault) ?? 0).toBeGreaterThan(0);
    const direct = await lakeOn(await open('faults'));
    expect(await offsetsIn(direct, 'clicks')).toEqual(Array.from({ length: next }, (_, index) => index));
    const parquet = await loadParquet();
    const store = await open('faults');
    for await (const { key } of store.list('clicks/')) {
      expect((await parquet.decode((await store.get(key))!)).rows.length).toBeGreaterThan(0);
    }
    await Promise.all([lake.close(), direct.close(), store.close()]);
  }, 300_000);

  it('says which keys, bucket or address is wrong', async () => {
    const wrongKeys = await lakeOn(
      await s3Store({
        bucket,
        prefix: '',
        endpoint: endpoint as string,
        credentials: { ...credentials, secretAccessKey: 'no' },
      }),
    );
    await expect(wrongKeys.files('clicks')).rejects.toMatchObject({
      code: 'STORAGE_CREDENTIALS',
      retriable: false,
    });
    const noBucket = await lakeOn(
      await s3Store({ bucket: 'there-is-none', prefix: '', endpoint: endpoint as string, credentials }),
    );
    await expect(noBucket.files('clicks')).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      retriable: false,
    });
    const nobody = await lakeOn(
      await s3Store({ bucket, prefix: '', endpoint: 'http://127.0.0.1:1', credentials }),
    );
    await expect(nobody.files('clicks')).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      retriable: true,
    });
    expect((await nobody.health()).ok).toBe(false);
  });
});
