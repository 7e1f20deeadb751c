import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { ColdKeys, ColdRows, Overflow, Overflowed } from '@millrace/windowing';
import { checkOverflow, coldPanes, coldSessions, coldStates } from '@millrace/windowing/overflow';
import { diskError } from './disk-error.ts';
import { DiskKeys } from './disk-keys.ts';
import { DiskRows } from './disk-rows.ts';

export interface DiskStateOptions {
  /** A file that nobody else uses. */
  readonly path: string;
  readonly mostFilterBytes: number;
  /** Pages that SQLite keeps in memory: rows come in the order of their numbers, so that more would not be hit more often. */
  readonly cacheBytes: number;
  /** Called while state is being restored, when more of it may have come than there is room for. */
  readonly relieve: () => void;
}

/** What of a task's windows is on disk: a file without a name, which is gone with the task or with the process, however that ends. */
export class DiskState implements Overflow {
  readonly check: Overflow['check'] = checkOverflow;
  readonly panes: Overflow['panes'] = coldPanes;
  readonly sessions: Overflow['sessions'] = coldSessions;
  readonly keyed: Overflow['keyed'] = coldStates;
  /** The windows whose cells may be here. */
  readonly states: Overflowed[] = [];
  readonly #options: DiskStateOptions;
  #database: DatabaseSync | undefined;
  #tables = 0;
  #tablesMade = 0;

  constructor(options: DiskStateOptions) {
    this.#options = options;
  }

  relieve(): void {
    this.#options.relieve();
  }

  get memoryBytes(): number {
    const held = this.states.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
    return held + (this.#database === undefined ? 0 : this.#options.cacheBytes);
  }

  /** What the file takes and uses. */
  get diskBytes(): number {
    if (this.#database === undefined || this.#tables === 0) return 0;
    const read = (what: string) => Number(this.#database!.prepare(`PRAGMA ${what}`).get()![what]);
    return (read('page_count') - read('freelist_count')) * read('page_size');
  }

  /** Notes that an operator has its overflow here. */
  attach({ overflowed }: { readonly overflowed: Overflowed | undefined }): void {
    if (overflowed !== undefined) this.states.push(overflowed);
  }

  open(): ColdRows {
    this.#tables++;
    return new DiskRows({ ...this.#place('pane'), onDrop: () => void this.#tables-- });
  }

  openKeys(): ColdKeys {
    this.#tables++;
    return new DiskKeys(this.#place('keys'));
  }

  /** A table of its own. */
  #place(what: string) {
    const { path, mostFilterBytes } = this.#options;
    const database = (this.#database ??= this.#make());
    return { database, dir: dirname(path), table: `${what}_${this.#tablesMade++}`, mostFilterBytes };
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
    this.states.length = 0;
  }

  #make(): DatabaseSync {
    const { path, cacheBytes } = this.#options;
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    try {
      mkdirSync(dirname(path), { recursive: true });
      rmSync(path, { force: true });
      // Otherwise SQLite keeps a journal whatever it is told.
      const database = new DatabaseSync(path, { defensive: false });
      // Nothing is read after a crash, so that nothing has to be safe from one.
      database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE');
      database.exec(`PRAGMA cache_size = -${Math.ceil(cacheBytes / 1024)}`);
      database.exec('CREATE TABLE opened (id INTEGER PRIMARY KEY)');
      return database;
    } catch (error) {
      throw diskError('open', dirname(path), error);
    } finally {
      // Where an open file cannot lose its name it is removed by the next start.
      try {
        rmSync(path, { force: true });
      } catch {
        /* see above */
      }
    }
  }
}
