import type { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import type { Key, KeyTable } from '../state/key-table.ts';
import type { Cells } from './cells.ts';
import type { RestoreMode } from './operator-options.ts';
import type { Pane } from './pane.ts';
import type { PaneStore } from './pane-store.ts';
import { Form, MAX_CHUNK_BYTES, readKey, writeHeader, writeKey } from './state-form.ts';

/** Takes a piece of state; the bytes are valid during the call only. */
export type WriteChunk = (bucket: number, bytes: Uint8Array) => void;

const out = new ByteWriter(4096);

/** Writes the places of a pane that changed since the last time, or all of them, as chunks of bounded size. */
export function writePane(
  pane: Pane,
  options: { keys: KeyTable; definition: number; places: 'all' | ArrayLike<number>; write: WriteChunk },
): void {
  const { keys, places } = options;
  const total = places === 'all' ? pane.keys.size : places.length;
  const chunk = new Chunk(pane, options);
  for (let i = 0; i < total; i++) {
    chunk.begin();
    const place = places === 'all' ? i : places[i]!;
    writeKey(out, keys.keyOf(pane.keys.ids[place]!));
    pane.cells.write(place, out);
    if (out.length >= MAX_CHUNK_BYTES) chunk.end();
  }
  chunk.end();
}

/** As `writePane`, for keys that come one after the other, each with its cell in slot 0 of `merged`. */
export function writeCells(
  pane: Pane,
  cells: Iterable<{ key: Key }>,
  options: {
    merged: Cells;
    where?: ((key: Key) => boolean) | undefined;
    definition: number;
    write: WriteChunk;
  },
): void {
  const { merged, where } = options;
  const chunk = new Chunk(pane, options);
  for (const { key } of cells) {
    if (where !== undefined && !where(key)) continue;
    chunk.begin();
    writeKey(out, key);
    merged.write(0, out);
    if (out.length >= MAX_CHUNK_BYTES) chunk.end();
  }
  chunk.end();
}

/** Begins chunks of a pane when there is something to write, and hands them over. */
class Chunk {
  readonly #pane: Pane;
  readonly #options: { readonly definition: number; readonly write: WriteChunk };
  #isOpen = false;

  constructor(pane: Pane, options: { readonly definition: number; readonly write: WriteChunk }) {
    this.#pane = pane;
    this.#options = options;
  }

  begin(): void {
    if (this.#isOpen) return;
    out.reset();
    writeHeader(out, Form.chunk, this.#options.definition);
    out.number(this.#pane.start);
    this.#isOpen = true;
  }

  end(): void {
    if (this.#isOpen) this.#options.write(bucketOf(this.#pane.start), out.view());
    this.#isOpen = false;
  }
}

/** The number by which a pane's part of the state is filed: its start, 0 for the one pane of all time. */
export function bucketOf(paneStart: number): number {
  return paneStart === -Infinity ? 0 : paneStart;
}

/** Applies a chunk: its cells replace those that are there, or are added to them. */
export function readPane(
  store: PaneStore,
  options: { keys: KeyTable; input: ByteReader; mode: RestoreMode; scratch: Cells },
): { pane: Pane; cells: number } {
  const { keys, input, mode, scratch } = options;
  const pane = store.paneOf(input.number());
  let cells = 0;
  for (; !input.done; cells++) {
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
  return { pane, cells };
}
