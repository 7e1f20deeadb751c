import { describe, expect, it } from '@jest/globals';
import type { Table } from '../contract.ts';
import { dialects } from './postgres-dialects.ts';

const table: Table = {
  name: 'views',
  columns: [
    { name: 'page', type: 'string', nullable: false },
    { name: 'windowStart', type: 'timestamp', nullable: false },
    { name: 'top', type: 'json', nullable: true },
  ],
  key: ['page'],
  time: 'windowStart',
};

describe('the Redshift dialect', () => {
  const { redshift } = dialects;

  it('makes a table with a sort key, no index and none of the types that Redshift lacks', () => {
    expect(redshift.create(table)).toEqual([
      'CREATE TABLE IF NOT EXISTS "views" ("page" varchar(65535) NOT NULL, "windowStart" timestamptz NOT NULL, ' +
        '"top" varchar(65535), PRIMARY KEY ("page", "windowStart")) COMPOUND SORTKEY ("windowStart")',
    ]);
  });

  it('merges by a deletion and an insertion, as Redshift knows no ON CONFLICT', () => {
    expect(redshift.merge(table, 'stage_1')).toEqual([
      'DELETE FROM "views" USING "stage_1" WHERE "views"."page" = "stage_1"."page" AND "views"."windowStart" = "stage_1"."windowStart"',
      'INSERT INTO "views" ("page", "windowStart", "top") SELECT "page", "windowStart", "top" FROM "stage_1"',
      'DELETE FROM "stage_1"',
    ]);
  });

  it('keeps upper case in names, copies nothing from the client, and finds the newest rows without DISTINCT ON', () => {
    expect(redshift.session).toBe('SET enable_case_sensitive_identifier TO true');
    expect(redshift.copies).toBe(false);
    expect(redshift.stageSuffix).toBe('');
    expect(redshift.newest(table, '')).not.toContain('DISTINCT ON');
    expect(redshift.newest(table, '')).toContain('PARTITION BY "page" ORDER BY "windowStart" DESC');
  });
});
