import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { Key, KeyTable } from '../state/key-table.ts';
import type { OpenWindow } from './pane.ts';
import type { PaneStore } from './pane-store.ts';
import { readKey, writeKey } from './state-form.ts';

/** What windows hold besides their panes: revisions, and results that are still to come. Rarely more than a few bytes. */
export function writeNotes(windows: Iterable<OpenWindow>, keys: KeyTable, to: ByteWriter): void {
  const noted = [...windows].filter(({ revisions, updated, pending }) => revisions ?? updated ?? pending);
  to.varint(noted.length);
  for (const { end, revisions, updated, pending } of noted) {
    to.number(end);
    for (const counts of [revisions, pending]) {
      to.varint(counts?.size ?? 0);
      for (const [keyId, value] of counts ?? []) {
        writeKey(to, keys.keyOf(keyId));
        to.varint(value);
      }
    }
    to.varint(updated?.size ?? 0);
    for (const keyId of updated ?? []) writeKey(to, keys.keyOf(keyId));
  }
}

/** Gives the windows that are there what `writeNotes` wrote of them. */
export function restoreNotes(store: PaneStore, keys: KeyTable, input: ByteReader): void {
  const ids = (counts: ReadonlyMap<Key, number>): Map<number, number> | undefined =>
    counts.size === 0 ? undefined : new Map([...counts].map(([key, n]) => [keys.intern(key), n]));
  for (let left = input.count(); left > 0; left--) {
    const window = store.windows.get(input.number());
    const [revisions, pending] = [readCounts(input), readCounts(input)];
    const updated: Key[] = [];
    for (let keysLeft = input.count(); keysLeft > 0; keysLeft--) updated.push(readKey(input));
    if (window === undefined) continue;
    for (const keyId of window.revisions?.keys() ?? []) keys.release(keyId);
    window.revisions = ids(revisions);
    for (const keyId of window.revisions?.keys() ?? []) keys.retain(keyId);
    window.pending = ids(pending);
    if (updated.length > 0) window.updated = new Set(updated.map((key) => keys.intern(key)));
  }
}

function readCounts(input: ByteReader): Map<string | number, number> {
  const counts = new Map<string | number, number>();
  for (let left = input.count(2); left > 0; left--) {
    const key = readKey(input);
    counts.set(key, input.varint());
  }
  return counts;
}
