import type { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import type { KeyTable } from '../state/key-table.ts';
import type { Cells } from './cells.ts';
import type { RestoreMode } from './operator-options.ts';
import type { OpenWindow, Pane } from './pane.ts';
import type { PaneStore } from './pane-store.ts';
import { Form, MAX_CHUNK_BYTES, readKey, writeHeader, writeKey } from './state-form.ts';

/** Takes a piece of state; the bytes are valid during the call only. */
export type WriteChunk = (bucket: number, bytes: Uint8Array) => void;

const out = new ByteWriter(4096);

/** Writes the places of a pane that changed since the last time, or all of them, as chunks of bounded size. */
export function writePane(
  pane: Pane,
  options: { keys: KeyTable; definition: number; places: 'all' | readonly number[]; write: WriteChunk },
): void {
  const { keys, definition, places, write } = options;
  const bucket = pane.start === -Infinity ? 0 : pane.start;
  const total = places === 'all' ? pane.keys.size : places.length;
  let open = false;
  const close = (): void => {
    if (open) write(bucket, out.view());
    open = false;
  };
  for (let i = 0; i < total; i++) {
    if (!open) {
      out.reset();
      writeHeader(out, Form.chunk, definition);
      out.number(pane.start);
      open = true;
    }
    const place = places === 'all' ? i : places[i]!;
    writeKey(out, keys.keyOf(pane.keys.ids[place]!));
    pane.cells.write(place, out);
    if (out.length >= MAX_CHUNK_BYTES) close();
  }
  close();
}

/** Applies a chunk: its cells replace those that are there, or are added to them. */
export function readPane(
  store: PaneStore,
  options: { keys: KeyTable; input: ByteReader; mode: RestoreMode; scratch: Cells },
): void {
  const { keys, input, mode, scratch } = options;
  const pane = store.paneOf(input.number());
  while (!input.done) {
    const keyId = keys.intern(readKey(input));
    let place = pane.keys.find(keyId);
    if (place < 0) place = store.newPlace(pane, keyId);
    if (mode === 'merge') {
      scratch.clear(1);
      scratch.read(1, input);
      pane.cells.merge(place, scratch, 1);
    } else {
      pane.cells.clear(place);
      pane.cells.read(place, input);
    }
  }
  if (pane.windows.length === 0) store.drop(pane);
}

/** What windows hold besides their panes: revisions, and results that are still to come. Rarely more than a few bytes. */
export function writeWindows(windows: Iterable<OpenWindow>, keys: KeyTable, to: ByteWriter): void {
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

/** What `writeWindows` wrote, kept until the windows it speaks of are there. */
export interface WindowNotes {
  readonly end: number;
  readonly revisions: ReadonlyMap<string | number, number>;
  readonly pending: ReadonlyMap<string | number, number>;
  readonly updated: readonly (string | number)[];
}

export function readWindows(input: ByteReader): WindowNotes[] {
  const notes: WindowNotes[] = [];
  for (let left = input.count(); left > 0; left--) {
    const end = input.number();
    const [revisions, pending] = [readCounts(input), readCounts(input)];
    const updated: (string | number)[] = [];
    for (let keysLeft = input.count(); keysLeft > 0; keysLeft--) updated.push(readKey(input));
    notes.push({ end, revisions, pending, updated });
  }
  return notes;
}

function readCounts(input: ByteReader): Map<string | number, number> {
  const counts = new Map<string | number, number>();
  for (let left = input.count(2); left > 0; left--) {
    const key = readKey(input);
    counts.set(key, input.varint());
  }
  return counts;
}
