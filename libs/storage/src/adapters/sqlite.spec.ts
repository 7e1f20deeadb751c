import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { storageConformance } from '../conformance/index.ts';
import { openStorage } from '../open-storage.ts';
import { sqliteStorage } from './sqlite.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true }));

storageConformance(
  { describe, it, beforeAll, afterAll },
  { name: 'sqlite', open: () => openStorage(`sqlite:${join(folder, 'deep/serving.db')}`) },
);

describe('sqliteStorage', () => {
  it('says what a file that is no database is', async () => {
    const file = join(folder, 'notes.txt');
    writeFileSync(file, 'these are notes, and more of them than SQLite has in a header'.repeat(20));
    await expect(sqliteStorage(file)).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      retriable: false,
      message: expect.stringContaining(file),
    });
  });

  it('takes a path it may not write to for something that can pass', async () => {
    await expect(sqliteStorage(folder)).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      retriable: true,
    });
  });
});
