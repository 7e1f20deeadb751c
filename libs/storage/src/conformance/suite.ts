import assert from 'node:assert/strict';
import type { Row, StorageAdapter, Table } from '../contract.ts';
import { StorageError } from '../errors.ts';

/** The functions of a test framework (Jest, Vitest, Mocha, node:test) that the suite uses. */
export interface TestFramework {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>): void;
  beforeAll(body: () => Promise<void>): void;
  afterAll(body: () => Promise<void>): void;
}

/** The adapter to be tested. */
export interface Subject {
  readonly name: string;
  /** Opens the same store each time, as another process would. */
  readonly open: () => Promise<StorageAdapter>;
  /** Put before table names, so that runs against a shared service do not meet; letters and digits. */
  readonly tablePrefix?: string;
  /** A keyspace or schema that one table is put into, for `SPACE.NAME`; `conf_space` by default. */
  readonly space?: string;
}

/** What a group of tests gets: the open adapter and its own table names. */
export interface Context {
  adapter(): StorageAdapter;
  open(): Promise<StorageAdapter>;
  table(name: string, table: Omit<Table, 'name'>): Table;
  readonly space: string;
}

/** Rows by time, of one key column of text. */
export const views = {
  columns: [
    { name: 'page', type: 'string', nullable: false },
    { name: 'windowStart', type: 'timestamp', nullable: false },
    { name: 'views', type: 'long', nullable: false },
    { name: 'p95Ms', type: 'double', nullable: true },
  ],
  key: ['page'],
  time: 'windowStart',
} as const satisfies Omit<Table, 'name'>;

/** A row of {@link views}. */
export function viewRow(page: string, windowStart: number, count: number, p95Ms: number | null = null): Row {
  return { page, windowStart, views: count, p95Ms };
}

/** Asserts that two lists of rows are equal as JSON, saying what differs. */
export function assertRows(actual: readonly Row[], expected: readonly Row[], message?: string): void {
  assert.deepEqual(asJson(actual), asJson(expected), message);
}

// Not structuredClone: test frameworks run tests in realms of their own, whose objects are not strictly equal to ours.
function asJson(rows: readonly Row[]): unknown {
  return JSON.parse(JSON.stringify(rows));
}

/** Asserts that `work` rejects with a `StorageError` of `code`, and gives it. */
export async function rejection(work: Promise<unknown>, code: string): Promise<StorageError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof StorageError, `a StorageError, not ${String(error)}`);
    assert.equal(error.code, code, error.message);
    return error;
  }
  return assert.fail(`it should have been refused with ${code}`);
}
