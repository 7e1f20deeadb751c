import type { CompiledAggregates } from '../aggregates/compile.ts';
import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import type { Key, KeyTable } from '../state/key-table.ts';
import { Cells } from './cells.ts';
import { ColdByKey, KEY_BYTES, OBJECTS_PER_BYTE } from './cold-by-key.ts';
import type { Leaving } from './cold-by-key.ts';
import type { Overflow, Overflowed } from './cold-rows.ts';
import type { KeyGroups } from './key-groups.ts';
import type { WriteChunk } from './pane-state.ts';
import { CLOSED, UPDATED } from './session-table.ts';
import type { Session, SessionTable } from './session-table.ts';
import { readKey, writeKey } from './state-form.ts';

export interface ColdSessionsOptions {
  readonly overflow: Overflow;
  readonly keys: KeyTable;
  readonly aggregates: CompiledAggregates;
  readonly table: SessionTable;
  readonly groups: KeyGroups;
  readonly definition: number;
  readonly graceMs: number;
  /** Writes all sessions of a key. */
  readonly writeState: (keyId: number, out: ByteWriter) => void;
  /** Takes keys back as they were written, each with its sessions. */
  readonly restore: (input: ByteReader) => void;
  /** Gives the table's memory back, in which no session is left. */
  readonly reset: () => void;
}

/** A key of a row with its sessions, whose cells can be read in the order of them. */
interface KeyOfRow {
  readonly key: Key;
  readonly written: Uint8Array;
}

/** Sessions outside of memory: all of a key's are there, or none is. They come back when the key is met again, and when one is due. */
export class ColdSessions implements Overflowed {
  spilled = 0;
  loaded = 0;
  /** Sessions that are outside now. */
  windowCount = 0;
  readonly #options: ColdSessionsOptions;
  readonly #cold: ColdByKey;
  readonly #scratch: Cells;
  /** Keys that changed between the last two `drainChanges`. */
  #recent: ReadonlySet<Key> = new Set();
  /** Bytes of a key and its sessions as written last, on average. */
  #keyBytes = 0;

  constructor(options: ColdSessionsOptions) {
    this.#options = options;
    this.#scratch = new Cells(options.aggregates, 1);
    const { overflow, definition, table } = options;
    this.#cold = new ColdByKey({
      ...{ overflow, definition },
      restore: (input) => {
        const before = table.size;
        options.restore(input);
        this.loaded += table.size - before;
        this.windowCount -= table.size - before;
      },
    });
  }

  get memoryBytes(): number {
    const { table, keys, aggregates } = this.#options;
    const objects = aggregates.keepsObjects ? table.size * this.#keyBytes * OBJECTS_PER_BYTE : 0;
    const named = keys.size * (KEY_BYTES + this.#keyBytes);
    return Math.ceil(table.memoryBytes + objects + named + this.#cold.memoryBytes);
  }

  /** The groups that have keys outside. */
  get buckets(): number[] {
    return this.#cold.groups;
  }

  /** Notes which keys change, and how large they are, as they are written. */
  measured(changed: readonly number[], write: WriteChunk): WriteChunk {
    const { keys } = this.#options;
    this.#recent = new Set(changed.map((keyId) => keys.keyOf(keyId)));
    let total = 0;
    return (bucket, bytes) => {
      total += bytes.length;
      this.#keyBytes = total / changed.length;
      write(bucket, bytes);
    };
  }

  /** Sees to it that a key's sessions are in memory. */
  meet(key: Key): void {
    const { keys, table } = this.#options;
    if (table.head(keys.find(key)) < 0) this.#cold.meet(key);
  }

  /** Brings some keys back of which a session is due before a time; false when none is. */
  bringDue(beforeMs: number): boolean {
    return this.#cold.bringDue(beforeMs) !== undefined;
  }

  spill(which: 'idle' | 'all'): void {
    const { table, keys, groups, writeState, restore, reset } = this.#options;
    const keyIds = new Set(table.slots().map((slot) => table.keyIds[slot]!));
    const goes = (keyId: number): boolean =>
      !groups.isMarked(keyId) &&
      !this.#sessionsOf(keyId).some(({ flags }) => (flags & UPDATED) !== 0) &&
      !(which === 'idle' && this.#recent.has(keys.keyOf(keyId)));
    const leaving = [...keyIds].filter(goes);
    if (leaving.length === 0) return;
    // Others of their rows stay in memory then.
    for (const keyId of leaving) this.#cold.meet(keys.keyOf(keyId));
    const gone = new Set(leaving);
    const kept = new ByteWriter(1024);
    for (const keyId of new Set(table.slots().map((slot) => table.keyIds[slot]!))) {
      if (gone.has(keyId)) continue;
      writeKey(kept, keys.keyOf(keyId));
      writeState(keyId, kept);
    }
    const held = table.size;
    this.#cold.put(
      leaving.map((keyId): Leaving => {
        const dueMs = Math.min(...this.#sessionsOf(keyId).map((session) => this.#dueOf(session)));
        return { key: keys.keyOf(keyId), dueMs, write: (out) => writeState(keyId, out) };
      }),
    );
    for (const slot of table.slots()) table.remove(slot);
    reset();
    restore(new ByteReader(kept.toBytes()));
    keys.dropUnused();
    this.spilled += held - table.size;
    this.windowCount += held - table.size;
  }

  /** State was restored. */
  restored(): void {
    this.#options.overflow.relieve();
  }

  /** Shows the sessions that are outside, of one key or all; the cell is valid during the call. */
  read(
    only: Key | undefined,
    show: (key: Key, session: Session, cell: { cells: Cells; slot: number }) => void,
  ): void {
    const cell = { cells: this.#scratch, slot: 0 };
    const row = only === undefined ? undefined : this.#cold.rowOf(only);
    for (const bytes of only === undefined ? this.#cold.rows() : row === undefined ? [] : [row])
      for (const _ of this.#keysOf(bytes, (key, session) => {
        if (only === undefined || only === key) show(key, session, cell);
      }));
  }

  /** Writes the keys of a group that are outside. */
  writeGroup(group: number, where: ((key: Key) => boolean) | undefined, write: WriteChunk): void {
    if (where === undefined) return this.#cold.writeGroup(group, write);
    this.#cold.writeGroup(group, write, (row) =>
      [...this.#keysOf(row)].filter(({ key }) => where(key)).map(({ written }) => written),
    );
  }

  #sessionsOf(keyId: number): Session[] {
    const { table } = this.#options;
    const sessions: Session[] = [];
    for (let slot = table.head(keyId); slot >= 0; slot = table.next[slot]!)
      sessions.push(table.sessionAt(slot));
    return sessions;
  }

  /** When a session is to be looked at. */
  #dueOf({ end, flags }: Session): number {
    return (flags & CLOSED) === 0 ? end : end + this.#options.graceMs;
  }

  /** The keys of a row; each session is visited while its cell is in `#scratch`. */
  *#keysOf(row: Uint8Array, visit?: (key: Key, session: Session) => void): Generator<KeyOfRow, void> {
    const input = new ByteReader(row);
    while (!input.done) {
      const from = input.position;
      const key = readKey(input);
      for (let left = input.count(4); left > 0; left--) {
        const start = input.number();
        const end = start + input.number();
        const session = { start, end, flags: input.byte(), finals: input.varint() };
        this.#scratch.clear(0);
        this.#scratch.read(0, input);
        visit?.(key, session);
      }
      yield { key, written: row.subarray(from, input.position) };
    }
  }
}

/** What an `Overflow` names as `sessions`. */
export const coldSessions = (options: ColdSessionsOptions): ColdSessions => new ColdSessions(options);
